// The sandbox under test, and what every test asks of it. `cargo xtask test --only witness` starts it and says where it is.

import assert from "node:assert/strict";
import { DirectoryServiceClient } from "@aws-sdk/client-directory-service";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
import { SESv2Client } from "@aws-sdk/client-sesv2";
import { STSClient } from "@aws-sdk/client-sts";
import { WorkSpacesClient } from "@aws-sdk/client-workspaces";

const url = process.env.SANDBOX_URL;
assert.ok(url, "SANDBOX_URL is not set: run this by `cargo xtask test --only witness`");

const settings = { endpoint: url, region: "eu-central-1", credentials: { accessKeyId: "sandbox", secretAccessKey: "sandbox" } };

/** Clients that ask once, so that every answer is seen. */
const once = { ...settings, maxAttempts: 1 };
export const workspaces = new WorkSpacesClient(once);
export const directoryService = new DirectoryServiceClient(once);
export const ec2 = new EC2Client(once);
export const quotas = new ServiceQuotasClient(once);
export const mail = new SESv2Client(once);
export const sts = new STSClient(once);

/** One that asks again as the SDK does by itself. */
export const patient = new WorkSpacesClient(settings);

/** The directory that is registered, one that is not, a bundle of the account's own, and the account. */
export const REGISTERED = "d-906731a2b4";
export const UNREGISTERED = "d-90673c5d6e";
export const BUNDLE = "wsb-own000001";
export const ACCOUNT = "123456789012";

/** The sandbox's own pages. */
export async function control(path, method = "GET", body = undefined) {
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${url}/_sandbox/api/${path}`, { method, headers, body: body && JSON.stringify(body) });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
  const text = await answer.text();
  return text && JSON.parse(text);
}

export const behave = (changes) => control("behaviour", "PATCH", changes);

/** Switches a fault on for the next call of an operation. */
export const fault = (operation, kind, more = {}) => control("faults", "POST", { operation, kind, times: 1, ...more });

/** The error of a call that has to fail, as the SDK throws it. */
export async function refusal(call) {
  try {
    await call;
  } catch (error) {
    return error;
  }
  return assert.fail("the call was not refused");
}

/** Checks what the SDK made of an error: its name, HTTP status, whose fault it is, and that it has a request id. */
export function assertError(error, name, status, words = undefined) {
  const { httpStatusCode, requestId } = error.$metadata ?? {};
  assert.deepEqual([error.name, httpStatusCode, error.$fault], [name, status, status < 500 ? "client" : "server"], error.stack);
  assert.match(requestId ?? "", /^[0-9a-f-]{36}$/);
  if (words) {
    assert.match(error.message, words);
  }
}
