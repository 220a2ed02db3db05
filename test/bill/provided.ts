/** What the setup in Node tells the tests in workerd. */

declare module "vitest" {
  interface ProvidedContext {
    simulatorUrl: string;
    gateUrl: string;
    /** Set by `SHOW_BILL=1`: the tests print what they count as lines of JSON, to make counts.json of, and compare nothing. */
    showsBill: boolean;
  }
}

export {};
