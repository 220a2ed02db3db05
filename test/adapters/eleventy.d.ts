/** Eleventy is without types: as much of it as the tests use. */
declare module "@11ty/eleventy" {
  export default class Eleventy {
    constructor(
      input: string,
      output: string,
      options: { quietMode: boolean; configPath: null; config: (eleventyConfig: never) => void },
    );
    toJSON(): Promise<{ url: string; content: string }[]>;
  }
}
