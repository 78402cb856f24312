import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import type { Board, BoardLine } from "@/shared/api/types";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { BoardView } from "./BoardView";

const line = (change: Partial<BoardLine>): BoardLine => ({
  language: "",
  open: 0,
  done: 0,
  missing: 0,
  in_flight: 0,
  expiring: 0,
  answers_by_hour: [0, 0, 0],
  answers_per_hour: null,
  seconds_left: null,
  ...change,
});

const norwegian = line({ language: "nb", open: 30, done: 10, missing: 40, in_flight: 1, expiring: 1 });
const english = line({
  language: "en",
  open: 10,
  done: 50,
  missing: 12,
  answers_by_hour: [0, 4, 8],
  answers_per_hour: 6,
  seconds_left: 7200,
});
const board: Board = {
  protocols: [
    {
      protocol: { id: 2, name: "Which is best?", kind: "ranking", state: "paused" },
      total: line({ ...english, language: "", open: 40, done: 60, missing: 52, in_flight: 1, expiring: 1 }),
      languages: [english, norwegian],
    },
  ],
  claims: [
    {
      id: "c",
      person: { id: 3, name: "Ada" },
      protocol: 2,
      task: 9,
      language: "nb",
      excerpt: "Hvorfor er himmelen blå?",
      created_at: "2030-01-01T00:00:00Z",
      shown_at: new Date(Date.now() - 25 * 60_000).toISOString(),
      seen_at: new Date(Date.now() - 20 * 60_000).toISOString(),
      expires_at: new Date(Date.now() + 3 * 60_000).toISOString(),
      is_expiring: true,
    },
  ],
};

function open(shown: Board) {
  fakeNetwork(({ path }) => (path === "/api/projects/1/board/" ? { body: shown } : undefined));
  show(<BoardView projectId={1} />);
}
const figure = async (name: string) => (await screen.findAllByText(name))[0]?.nextElementSibling;

it("tells how far a protocol is, how fast it goes, and who holds what", async () => {
  open(board);
  expect(await figure("Open")).toHaveTextContent("40");
  expect(await figure("Expiring soon")).toHaveTextContent("1");
  expect(screen.getByText("60 of 100 tasks done")).toBeVisible();
  expect(screen.getByText("2h 0m of work left at this pace")).toBeVisible();
  expect(screen.getByText("Paused")).toBeVisible();
  const [, held] = within(screen.getByRole("table", { name: "At work now" })).getAllByRole("row");
  for (const said of ["Ada", "Hvorfor er himmelen blå?", "25 minutes ago", "20 minutes ago", "in 3 minutes"])
    expect(within(held as HTMLElement).getByText(said)).toBeVisible();
});

it("shows one language alone", async () => {
  open(board);
  expect(await screen.findByRole("row", { name: /^English 10 50 0 0 6 2h/ })).toBeVisible();
  await userEvent.click(screen.getByPlaceholderText("All languages"));
  await userEvent.click(await screen.findByRole("option", { name: "English" }));
  expect(await figure("Open")).toHaveTextContent("10");
  expect(screen.getByText("50 of 60 tasks done")).toBeVisible();
  expect(screen.getByText("Nobody holds a task at the moment.")).toBeVisible();
});

it("guesses no time where nobody has answered", async () => {
  const idle = line({ open: 3, missing: 3 });
  open({
    protocols: [{ ...(board.protocols[0] as Board["protocols"][0]), total: idle, languages: [idle] }],
    claims: [],
  });
  expect(await screen.findByText(/no pace to go by/)).toBeVisible();
  expect(await figure("Answers an hour")).toHaveTextContent("–");
});
