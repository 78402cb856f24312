import { expect, it } from "vitest";
import { safePath } from "./safe-path";

it.each([
  ["/projects/1?x=2", "/projects/1?x=2"],
  ["//evil.example", "/work"],
  ["/\\evil.example", "/work"],
  ["https://evil.example", "/work"],
  ["javascript:alert(1)", "/work"],
  [undefined, "/work"],
])("after signing in, %s leads to %s", (next, path) => expect(safePath(next)).toBe(path));
