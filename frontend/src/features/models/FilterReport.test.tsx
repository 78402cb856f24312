import { screen, within } from "@testing-library/react";
import { expect, it } from "vitest";
import { show } from "@/shared/testing/show";
import { FilterReport } from "./FilterReport";
import { filterReport } from "./filtering";

const bounded = (name: string, value: number) => ({ [name]: value, [`${name}_low`]: value - 0.1, [`${name}_high`]: 1 });

it("shows each category's figures with their intervals, and none where nothing can be said", async () => {
  const hate = {
    ...bounded("auprc", 0.8),
    ...bounded("fpr", 0.05),
    f1: null,
    random: 0.2,
    threshold: 0.61,
    positives: 9,
  };
  const test = { mean_auprc: 0.8, texts: 90, categories: { hate, weather: { auprc: null, threshold: 1 } } };
  show(<FilterReport report={filterReport({ test, unlearned: ["sexual/minors"] })} />);
  const row = await screen.findByRole("row", { name: /^Hate/ });
  expect(within(row).getByText("0.70 – 1.00")).toBeVisible();
  expect(row).toHaveTextContent(/coin 0.20.*–.*0.61.*9 · 0/);
  expect(screen.getByRole("row", { name: /^weather/ })).toHaveTextContent("–");
  expect(screen.getByText(/Not learned.*Sexual, minors/)).toBeVisible();
});

it("says so where a card has no figures", async () => {
  show(<FilterReport report={filterReport({})} />);
  expect(await screen.findByText("This model carries no test results.")).toBeVisible();
});
