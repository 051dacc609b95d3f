// SESv2: REST with JSON.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  GetAccountCommand,
  GetEmailIdentityCommand,
  ListEmailIdentitiesCommand,
  MessageRejected,
  NotFoundException,
  SendEmailCommand,
  TooManyRequestsException,
} from "@aws-sdk/client-sesv2";
import { assertError, behave, control, mail, refusal } from "./support.mjs";

export const letter = (more = {}) => ({
  FromEmailAddress: "Desktops <desktops@corp.example.com>",
  Destination: { ToAddresses: ["marta@corp.example.com"] },
  Content: {
    Simple: {
      Subject: { Data: "Grüße 🙂", Charset: "UTF-8" },
      Body: { Text: { Data: "Hallo", Charset: "UTF-8" }, Html: { Data: "<p>Hallo</p>", Charset: "UTF-8" } },
    },
  },
  EmailTags: [{ Name: "invitation", Value: "one" }],
  ...more,
});
const send = (more) => mail.send(new SendEmailCommand(letter(more)));
const inbox = () => control("inbox");

test("a mail lands in the inbox as it was written", async () => {
  await control("inbox", "DELETE");
  const { MessageId } = await send();
  const [kept] = await inbox();
  assert.equal(kept.id, MessageId);
  assert.deepEqual([kept.subject, kept.text, kept.html], ["Grüße 🙂", "Hallo", "<p>Hallo</p>"]);
  assert.deepEqual([kept.to, kept.tags], [["marta@corp.example.com"], [["invitation", "one"]]]);
});

test("a raw mail is read too", async () => {
  await control("inbox", "DELETE");
  const text = "From: desktops@corp.example.com\r\nTo: anna@corp.example.com\r\nSubject: Raw\r\n\r\nHello\r\n";
  await mail.send(new SendEmailCommand({ Content: { Raw: { Data: Buffer.from(text) } } }));
  const [kept] = await inbox();
  assert.deepEqual([kept.subject, kept.to, kept.text.trim()], ["Raw", ["anna@corp.example.com"], "Hello"]);
});

test("what SES does not take is refused with its own errors", async () => {
  const stranger = await refusal(send({ FromEmailAddress: "somebody@elsewhere.example" }));
  assert.ok(stranger instanceof MessageRejected);
  assertError(stranger, "MessageRejected", 400, /not verified/);
  const crowd = Array.from({ length: 51 }, (_, number) => `user${number}@corp.example.com`);
  assertError(await refusal(send({ Destination: { ToAddresses: crowd } })), "BadRequestException", 400, /50/);
  assertError(await refusal(send({ Destination: {} })), "BadRequestException", 400);
  assertError(await refusal(send({ EmailTags: [{ Name: "x" }] })), "BadRequestException", 400, /value/);
});

test("more than the account's rate are too many requests", async () => {
  await behave({ ses_rate: 1 });
  const sent = await Promise.allSettled(Array.from({ length: 6 }, () => send()));
  const refused = sent.filter((one) => one.status === "rejected").map((one) => one.reason);
  assert.ok(refused.length >= 1 && refused.length < 6, `${refused.length} of 6 were throttled`);
  for (const error of refused) {
    assert.ok(error instanceof TooManyRequestsException);
    assertError(error, "TooManyRequestsException", 429);
  }
  await behave({ ses_rate: 100 });
  // What was sent at the slow rate still counts.
  await new Promise((over) => setTimeout(over, 1_100));
});

test("the account tells its rate", async () => {
  const account = await mail.send(new GetAccountCommand({}));
  assert.deepEqual([account.ProductionAccessEnabled, account.SendingEnabled, account.SendQuota.MaxSendRate], [true, true, 100]);
});

test("a sender that is not verified sends nothing, and in the SES sandbox only verified addresses receive", async () => {
  await behave({ ses_verified: false });
  const pending = await mail.send(new GetEmailIdentityCommand({ EmailIdentity: "corp.example.com" }));
  assert.deepEqual([pending.VerifiedForSendingStatus, pending.VerificationStatus], [false, "PENDING"]);
  assertError(await refusal(send()), "MessageRejected", 400, /not verified/);
  await behave({ ses_verified: true, ses_production: false });
  assert.equal((await mail.send(new GetAccountCommand({}))).ProductionAccessEnabled, false);
  await send();
  const abroad = { Destination: { ToAddresses: ["anna@elsewhere.example"] } };
  assertError(await refusal(send(abroad)), "MessageRejected", 400, /not verified.*anna@elsewhere.example/);
  await behave({ ses_production: true });
  await send(abroad);
});

test("identities are known, and others are not", async () => {
  const known = await mail.send(new GetEmailIdentityCommand({ EmailIdentity: "corp.example.com" }));
  assert.deepEqual([known.IdentityType, known.VerifiedForSendingStatus], ["DOMAIN", true]);
  const unknown = await refusal(mail.send(new GetEmailIdentityCommand({ EmailIdentity: "elsewhere.example" })));
  assert.ok(unknown instanceof NotFoundException);
  assertError(unknown, "NotFoundException", 404);
  const { EmailIdentities } = await mail.send(new ListEmailIdentitiesCommand({}));
  assert.deepEqual(EmailIdentities.map((one) => one.IdentityName), ["corp.example.com"]);
});
