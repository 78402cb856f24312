import { screen } from "@testing-library/react";
import { expect, it } from "vitest";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { PacePanel } from "./PacePanel";

const today = { date: "2026-11-23", answers: 5, seconds: 3600, answers_per_hour: 5 };

function open(pace: object) {
  fakeNetwork(({ path }) => ({ body: path === "/api/work/pace/" ? pace : { queues: [], claims: [] } }));
  show(<PacePanel />);
}
const figure = async (name: string) => (await screen.findByText(name)).parentElement;

it("sets today beside one's usual days", async () => {
  open({ today, days: [today], usual_answers: 12, usual_per_hour: 4.5 });
  expect(await figure("Answers today")).toHaveTextContent("Answers today5usually 12");
  expect(await figure("Per active hour")).toHaveTextContent("Per active hour5usually 4.5");
  expect(screen.getByRole("listitem", { name: "Nov 23: 5 answers, 1h 0m" })).toBeInTheDocument();
});

it("has no usual day on the first", async () => {
  open({
    today: { ...today, answers: 0, seconds: 0, answers_per_hour: null },
    days: [],
    usual_answers: null,
    usual_per_hour: null,
  });
  expect(await figure("Per active hour")).toHaveTextContent("Per active hour–");
  expect(screen.queryByText(/usually/)).not.toBeInTheDocument();
});
