import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import en from "./en.json";
import enProject from "./en.project.json";
import nb from "./nb.json";
import nbProject from "./nb.project.json";

type Tree = { [key: string]: string | Tree };

function flat(tree: Tree, path = ""): Record<string, string> {
  return Object.entries(tree).reduce<Record<string, string>>((all, [key, value]) => {
    const name = path ? `${path}.${key}` : key;
    return typeof value === "string" ? { ...all, [name]: value } : { ...all, ...flat(value, name) };
  }, {});
}

const english = flat({ ...en, ...enProject });
const norwegian = flat({ ...nb, ...nbProject });
const variables = (text: string) => [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1]).sort();

const sources = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((file) => /\.tsx?$/.test(file) && !/\.test\.|\.fixture\.|shared\/testing|schema\.d\.ts/.test(file))
  .map((file) => ({ file, text: readFileSync(join("src", file), "utf8") }));

describe("the catalogues", () => {
  it("say nothing twice", () => {
    expect(Object.keys(en).filter((section) => section in enProject)).toEqual([]);
    expect(Object.keys(nbProject)).toEqual(Object.keys(enProject));
  });

  it("have the same keys", () => expect(Object.keys(norwegian).sort()).toEqual(Object.keys(english).sort()));

  it.each(Object.keys(english))("fill %s in both languages with the same variables", (key) => {
    expect(english[key]?.trim()).not.toBe("");
    expect(norwegian[key]?.trim()).not.toBe("");
    expect(variables(norwegian[key] ?? "")).toEqual(variables(english[key] ?? ""));
  });

  it("hold no key that no page uses", () => {
    const all = sources.map((source) => source.text).join("\n");
    const isUsed = (key: string) => {
      const name = key.replace(/_(one|other)$/, "");
      const parts = name.split(".");
      return (
        all.includes(`"${name}"`) ||
        parts.some((_, at) => at > 0 && all.includes(`${parts.slice(0, at).join(".")}.\${`))
      );
    };
    expect(Object.keys(english).filter((key) => !isUsed(key))).toEqual([]);
  });
});

describe("pages", () => {
  const SPOKEN = new Set(["title", "label", "placeholder", "aria-label", "alt", "description", "lead", "summary"]);
  /** Names and examples that are the same in every language. */
  const UNTRANSLATED = new Set(["prompt", "completion"]);
  const speaks = (text: string) => /\p{L}{2,}/u.test(text) && !UNTRANSLATED.has(text);

  function hardCoded(file: string, text: string): string[] {
    const found: string[] = [];
    const visit = (node: ts.Node) => {
      if (ts.isJsxText(node) && speaks(node.text)) found.push(`${file}: ${node.text.trim()}`);
      if (ts.isJsxAttribute(node) && node.initializer && ts.isStringLiteral(node.initializer)) {
        if (SPOKEN.has(node.name.getText()) && speaks(node.initializer.text))
          found.push(`${file}: ${node.initializer.text}`);
      }
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX));
    return found;
  }

  it("have no text of their own", () => {
    expect(
      sources.filter(({ file }) => file.endsWith(".tsx")).flatMap(({ file, text }) => hardCoded(file, text)),
    ).toEqual([]);
  });
});
