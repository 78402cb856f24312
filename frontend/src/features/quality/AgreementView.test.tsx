import { screen, within } from "@testing-library/react";
import { expect, it } from "vitest";
import type { AgreementFigure, AgreementReport } from "@/shared/api/types";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { AgreementView } from "./AgreementView";

const NONE = { value: null, low: null, high: null };

const figure = (change: Partial<AgreementFigure> = {}): AgreementFigure => ({
  tasks: 40,
  answers: 90,
  agreement: { value: 0.726, low: 0.7, high: 0.75 },
  strict: { value: 0.8, low: null, high: null },
  tau_b: { value: 0.451, low: 0.4, high: 0.5 },
  alpha: { value: 0.44, low: 0.4, high: 0.48 },
  ...change,
});

const report: AgreementReport = {
  protocol: { id: 2, name: "Which is best?", kind: "ranking" },
  computed_at: "2030-01-01T00:00:00Z",
  is_current: true,
  overall: figure(),
  annotators: [{ ...figure({ alpha: NONE }), annotator: { id: 5, name: "Ada" } }],
  guidelines: [
    { ...figure(), guideline: null },
    { ...figure({ agreement: { value: 0.8, low: null, high: null } }), guideline: 1 },
  ],
  categories: [],
  weeks: [
    { ...figure(), week: "2030-01-07" },
    { ...figure(), week: "2030-01-14" },
  ],
};

const open = (reports: AgreementReport[]) => {
  fakeNetwork(() => ({ body: { results: reports } }));
  show(<AgreementView projectId={1} />);
};

it("shows a protocol's figures with their intervals", async () => {
  open([report]);
  const panel = within(
    (await screen.findByRole("heading", { name: "Which is best?" })).closest("section") as HTMLElement,
  );
  expect(panel.getAllByText("72.6%")[0]).toBeVisible();
  expect(panel.getAllByText("70% to 75%")[0]).toBeVisible();
  expect(panel.getAllByText("Without ties")[0]).toBeVisible();
  expect(panel.getAllByText("0.45")[0]).toBeVisible();
  expect(panel.getByText(/Answers: 90\. Tasks: 40\. A tie against a preference counts half\./)).toBeVisible();
  expect(panel.getByRole("figure", { name: "Week by week" })).toBeVisible();
});

it("measures everybody against the others and leads to what disagrees", async () => {
  open([report]);
  const table = within(await screen.findByRole("table", { name: "Annotators" }));
  expect(table.getByRole("link", { name: "Ada" })).toHaveAttribute(
    "href",
    "/projects/1/answers?protocol=2&annotator=5&agreement=disagrees",
  );
  expect(table.queryByText("Krippendorff's alpha")).not.toBeInTheDocument();
});

it("compares guideline versions", async () => {
  open([report]);
  const table = within(await screen.findByRole("table", { name: "Guideline versions" }));
  expect(
    within(table.getByRole("row", { name: /Guideline 1/ })).getByText("too few tasks for an interval"),
  ).toBeVisible();
  expect(table.getByRole("row", { name: /No guideline/ })).toBeVisible();
});

it("knows kinds without an order, and says when figures are old", async () => {
  open([
    {
      ...report,
      protocol: { id: 3, name: "Is it safe?", kind: "labels" },
      is_current: false,
      overall: figure({ tau_b: NONE }),
      annotators: [],
      guidelines: [],
      weeks: report.weeks.slice(0, 1),
    },
  ]);
  expect(await screen.findByText("Exactly alike", { selector: "dt" })).toBeVisible();
  expect(screen.getByText(/Sets of labels agree by what they share\./)).toBeVisible();
  expect(screen.getByText("Answers have changed since")).toBeVisible();
  expect(screen.queryByText("Kendall's tau-b")).not.toBeInTheDocument();
  expect(screen.queryByRole("figure")).not.toBeInTheDocument();
});

it("tells moderation category by category", async () => {
  const share = (value: number) => ({ value, low: value - 0.1, high: value });
  const hate = { category: "hate", verdicts: 90, yes: 9, agreement: share(0.95), alpha: share(0.41) };
  open([
    {
      ...report,
      protocol: { id: 3, name: "Moderate", kind: "moderation_label" },
      overall: figure({ tau_b: NONE }),
      categories: [hate],
    },
  ]);
  expect(await screen.findByRole("row", { name: /^Hate/ })).toHaveTextContent(/95\s?%.*0\.41.*909$/);
  expect(screen.getByText("Both yes, where either is", { selector: "dt" })).toBeVisible();
});

it("says when there is nothing (any more) to compare", async () => {
  open([{ ...report, overall: null, annotators: [], guidelines: [], weeks: [] }]);
  expect(await screen.findByText("No two answers stand to be compared any more.")).toBeVisible();
});

it("says what will be here", async () => {
  open([]);
  expect(await screen.findByText("No figures yet")).toBeVisible();
});
