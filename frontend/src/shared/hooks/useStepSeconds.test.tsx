import { renderHook } from "@testing-library/react";
import { expect, it } from "vitest";
import { useStepSeconds } from "./useStepSeconds";

it("gives each step the seconds spent in it, over several visits, beginning with what was spent before", () => {
  let now = 100;
  const { result, rerender } = renderHook(({ step }) => useStepSeconds(() => now, step, { c1: 5 }), {
    initialProps: { step: "prompt" },
  });
  now += 4;
  expect(result.current()).toEqual({ prompt: 4, c1: 5 });
  rerender({ step: "c1" });
  now += 2.5;
  rerender({ step: "prompt" });
  now += 1;
  expect(result.current()).toEqual({ prompt: 5, c1: 7.5 });
});
