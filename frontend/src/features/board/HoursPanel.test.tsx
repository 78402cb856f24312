import { fireEvent, screen, waitFor } from "@testing-library/react";
import { expect, it } from "vitest";
import { fakeNetwork } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import { HoursPanel } from "./HoursPanel";

const set = (label: string, day: string) => fireEvent.change(screen.getByLabelText(label), { target: { value: day } });

it("shows active time by person, and links to the same days as a file", async () => {
  const people = [{ id: 3, name: "Ada", answers: 12, skips: 1, seconds: 5400 }];
  fakeNetwork(() => ({ body: { first: "2026-11-01", last: "2026-11-30", people } }));
  show(<HoursPanel projectId={1} />);
  expect(await screen.findByRole("row", { name: "Ada 12 1 1h 30m" })).toBeVisible();
  set("From", "2026-11-01");
  set("Up to", "2026-11-30");
  const link = screen.getByRole("link", { name: "By day, as CSV" });
  expect(link).toHaveAttribute("href", "/api/projects/1/hours.csv?from=2026-11-01&to=2026-11-30");
});

it("asks for nothing while the days are no range", async () => {
  const calls = fakeNetwork(() => ({ body: { first: "", last: "", people: [] } }));
  show(<HoursPanel projectId={1} />);
  expect(await screen.findByText("Nobody has worked in these days.")).toBeVisible();
  const before = calls.length;
  set("Up to", "2001-01-01");
  await waitFor(() => expect(screen.getByText(/must not come before/)).toBeVisible());
  expect(calls).toHaveLength(before);
});
