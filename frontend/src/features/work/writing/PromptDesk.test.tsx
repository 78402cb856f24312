import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { fakeNetwork, type Call } from "@/shared/testing/network";
import { show } from "@/shared/testing/show";
import type { Claim } from "@/shared/api/types";
import { claimOf } from "../claim.fixture";
import { PromptDesk } from "./PromptDesk";

const stored = { answer: { id: 1, is_spare: false, submitted_at: "2030-01-01T00:00:00Z" }, next: null };
const onEnd = vi.fn(() => Promise.resolve());
let calls: Call[];
const submits = () => calls.filter((call) => call.path.endsWith("/submit/"));

beforeEach(() => {
  calls = fakeNetwork((call) => {
    if (call.path.endsWith("/submit/")) return { body: stored };
    return { body: { saved_at: "2030-01-01T00:00:00Z", advice: [] } };
  });
});

async function open(brief: Claim["brief"], config: Record<string, unknown> = {}, draft: Claim["draft"] = null) {
  const claim = claimOf({ kind: "prompt" as Claim["kind"], messages: [], completions: [], brief, draft });
  show(<PromptDesk claim={{ ...claim, protocol: { ...claim.protocol, config } }} onEnd={onEnd} />);
  await screen.findByRole("textbox", { name: "Your prompt" });
  return userEvent.setup();
}

const submit = "{Control>}{Enter}{/Control}";

describe("writing a prompt by keyboard alone", () => {
  it("writes a plain one, as the brief wants it", async () => {
    const user = await open({ style: "plain", text: "About **gardens**.", use_case: "" });
    expect(screen.getByText("gardens")).toBeVisible();
    expect(screen.getByRole("textbox", { name: "Your prompt" })).toHaveFocus();
    await user.keyboard(`How do I prune a rose?${submit}`);
    await waitFor(() => expect(submits()).toHaveLength(1));
    expect(submits()[0]?.body).toMatchObject({
      payload: { style: "plain", text: "How do I prune a rose?", shots: [], use_case: "" },
    });
  });

  it("writes examples, adds one and takes it away", async () => {
    const user = await open({ style: "few_shot", text: "", use_case: "" });
    await user.keyboard("Give the capital.{Control>}{Shift>}{Enter}{/Shift}{/Control}");
    expect(screen.getAllByRole("group", { name: /^Example/ })).toHaveLength(2);
    const removes = screen.getAllByRole("button", { name: "Remove this example" });
    await user.click(removes[1] as HTMLElement);
    expect(screen.getAllByRole("group", { name: /^Example/ })).toHaveLength(1);
    await user.type(screen.getByRole("textbox", { name: "Query of example 1" }), "Norway");
    await user.keyboard(submit);
    expect((await screen.findByText("Still missing:")).parentElement).toHaveTextContent("Both parts of every example");
    await user.type(screen.getByRole("textbox", { name: "Completion of example 1" }), `Oslo${submit}`);
    await waitFor(() => expect(submits()).toHaveLength(1));
    expect(submits()[0]?.body).toMatchObject({
      payload: { style: "few_shot", text: "Give the capital.", shots: [{ query: "Norway", completion: "Oslo" }] },
    });
  });

  it("asks before it takes away an example that holds something", async () => {
    const user = await open({ style: "few_shot", text: "", use_case: "" });
    await user.keyboard("{Control>}{Shift>}{Enter}{/Shift}{/Control}");
    await user.type(screen.getByRole("textbox", { name: "Query of example 2" }), "Norway");
    await user.click(screen.getAllByRole("button", { name: "Remove this example" })[1] as HTMLElement);
    expect(await screen.findByText("Remove what you wrote there?")).toBeVisible();
    expect(screen.getByRole("textbox", { name: "Query of example 2" })).toHaveValue("Norway");
  });

  it("wants a use case in its own words where there is no list", async () => {
    const user = await open({ style: "use_case", text: "", use_case: "" });
    await user.keyboard(`Write to my landlord.${submit}`);
    expect((await screen.findByText("Still missing:")).parentElement).toHaveTextContent("Use case");
    expect(screen.getByRole("textbox", { name: /^Use case/ })).toHaveFocus();
    await user.keyboard(`Letters${submit}`);
    await waitFor(() => expect(submits()[0]?.body).toMatchObject({ payload: { use_case: "Letters" } }));
  });

  it("leaves the style to the author where the brief does", async () => {
    const user = await open(null, { styles: ["plain", "few_shot"] });
    await user.click(screen.getByRole("radio", { name: "With examples" }));
    expect(screen.getByRole("group", { name: "Example 1" })).toBeVisible();
    expect(screen.queryByRole("radio", { name: "For a use case" })).not.toBeInTheDocument();
  });

  it("opens with its draft", async () => {
    await open(
      { style: "few_shot", text: "", use_case: "" },
      {},
      {
        style: "few_shot",
        text: "Half",
        shots: [
          { query: "a", completion: "b" },
          { query: "c", completion: "" },
        ],
        use_case: "",
      },
    );
    expect(screen.getByRole("textbox", { name: "Your prompt" })).toHaveValue("Half");
    expect(screen.getByRole("textbox", { name: "Query of example 2" })).toHaveValue("c");
  });
});
