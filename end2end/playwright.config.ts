import { defineConfig } from "@playwright/test";

const flags = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

// Every journey runs twice: hydrated, and with JavaScript off.
export default defineConfig({
  testDir: ".",
  workers: 1,
  timeout: 180_000,
  expect: { timeout: 20_000 },
  reporter: [["list"], ["json"]],
  use: {
    // What can't be done is told at once, not by the end of its journey's time.
    actionTimeout: 45_000,
    baseURL: process.env.FRONTDESK_URL,
    launchOptions: { executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: flags },
    screenshot: "only-on-failure",
  },
  projects: [
    { name: "hydrated", use: { javaScriptEnabled: true } },
    // What is only about scripts is marked, and left out where there are none.
    { name: "no-js", use: { javaScriptEnabled: false }, grepInvert: /@scripts/ },
  ],
});
