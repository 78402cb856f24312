import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import type { RunSample } from "@/shared/api/types";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { Slide } from "./Slide";

const PROMPT = '"You must decide for yourself," said Elizabeth';
const sample = (step: number, text: string, bits: number, known: number): RunSample => ({
  step,
  prompt: PROMPT,
  text,
  values: { bits_per_character: bits, known_words: known, copied_8_grams: 0.0125, loss: 1 },
});
const SAMPLES = [
  sample(0, "?kZhc,TK996", 6.38, 0),
  sample(250, " and the sering", 3.5, 0.5),
  sample(30_000, ", smiling; and they walked on.", 1.71, 0.975),
];

const slide = (samples: RunSample[]) => {
  const calls = fakeNetwork((call) => (call.path.endsWith("/samples/") ? { body: { samples } } : undefined));
  show(<Slide projectId={1} runId={7} isLive={false} />);
  return calls;
};

it("shows the newest sample first, with what is measured of it", async () => {
  const calls = slide(SAMPLES);
  expect(await screen.findByLabelText("Sample")).toHaveTextContent(`${PROMPT}, smiling; and they walked on.`);
  expect(screen.getByText("1.71")).toBeVisible();
  expect(screen.getByText("97.5%")).toBeVisible();
  expect(screen.getByText("1.3%")).toBeVisible();
  expect(screen.getByRole("slider", { name: "Rounds of training" })).toHaveAttribute(
    "aria-valuetext",
    "After 30,000 rounds",
  );
  expect(calls.map((call) => call.path)).toEqual(["/api/projects/1/runs/7/samples/"]);
});

it("goes back to noise by the keyboard", async () => {
  slide(SAMPLES);
  const slider = await screen.findByRole("slider");
  slider.focus();
  await userEvent.keyboard("{ArrowLeft}");
  expect(screen.getByLabelText("Sample")).toHaveTextContent("and the sering");
  await userEvent.keyboard("{Home}");
  expect(screen.getByLabelText("Sample")).toHaveTextContent("?kZhc,TK996");
  expect(slider).toHaveAttribute("aria-valuetext", "Before training");
  expect(screen.getByText("6.38")).toBeVisible();
});

it("waits for the first sample", async () => {
  slide([]);
  expect(await screen.findByText("The first sample comes before the first round.")).toBeVisible();
  expect(screen.queryByRole("slider")).not.toBeInTheDocument();
});
