import { screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { show } from "@/shared/testing/show";
import { Refined } from "./Refined";
import { answersOf, endOf, looksOf, optimumOf } from "./refined";

const metrics = {
  answers: [{ prompt: "Say hello.", before: "No.", after: "Gladly: hello!" }, { prompt: 3 }],
  goodhart: {
    looks: [
      { step: 0, d: 0, proxy: 0, gold: 0 },
      { step: 20, d: 1.5, proxy: 2, gold: 1 },
      { step: 40, d: "far" },
    ],
    fit: { alpha: 1, beta: 0.5, optimum: 2.7183 },
    stopped_at: 40,
    kept_step: 20,
  },
};

it("shows the answers before and after, and the predicted optimum", async () => {
  show(<Refined metrics={metrics} />);
  expect(await screen.findByRole("table", { name: "Before and after" })).toHaveTextContent(
    "Say hello.No.Gladly: hello!",
  );
  expect(screen.getByText(/ended the run after step 40.*weights of step 20/)).toBeVisible();
  expect(screen.getAllByText(/its top at a distance of 2\.718/)[0]).toBeVisible();
});

it("shows nothing of what a card does not tell", () => {
  show(<Refined metrics={{}} />);
  expect(screen.queryByRole("table")).not.toBeInTheDocument();
  expect(answersOf(metrics)).toHaveLength(1);
  expect(looksOf(metrics)).toHaveLength(2);
  expect(looksOf({ goodhart: 3 })).toEqual([]);
  expect(optimumOf({ goodhart: { fit: null } })).toBeNull();
  expect(endOf({ goodhart: { stopped_at: null, kept_step: 40 } })).toBeNull();
});
