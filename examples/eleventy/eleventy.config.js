import { filmgatePlugin } from "filmgate/eleventy";

export default function (eleventyConfig) {
  eleventyConfig.addPlugin(filmgatePlugin, { maxCostUsd: 1 });
  eleventyConfig.addPassthroughCopy("site/style.css");
  return { dir: { input: "site", output: "dist" } };
}
