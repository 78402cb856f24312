import { screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { show } from "@/shared/testing/show";
import { Markdown } from "./Markdown";

async function rendered(text: string): Promise<HTMLElement> {
  const { container } = show(
    <div data-testid="text">
      <Markdown text={text} />
    </div>,
  );
  await screen.findByTestId("text");
  return container;
}

describe("Markdown by strangers", () => {
  it("renders emphasis, lists, code and tables", async () => {
    const page = await rendered("**a**\n\n- b\n\n`c`\n\n| d |\n|---|\n| e |");
    for (const selector of ["strong", "li", "code", "table td"]) expect(page.querySelector(selector)).not.toBeNull();
  });

  it.each([
    "<script>alert(1)</script>",
    '<img src="x" onerror="alert(1)">',
    "<iframe src='//x'></iframe>",
    "<style>*{display:none}</style>",
  ])("shows %s as text and never as an element", async (html) => {
    const page = await rendered(html);
    expect(page.querySelector("[data-testid=text] :is(script, img, iframe, style)")).toBeNull();
    expect(page).toHaveTextContent(html.slice(0, 7));
  });

  it("loads no image, neither remote nor inline", async () => {
    const page = await rendered("![a cat](https://example.org/cat.png) ![dot](data:image/png;base64,AAAA)");
    expect(page.querySelector("img")).toBeNull();
    expect(screen.getByText("[Image not shown: a cat]")).toBeInTheDocument();
  });

  it("gives links away nothing and opens them apart", async () => {
    await rendered("[here](https://example.org)");
    const link = screen.getByRole("link", { name: "here" });
    expect(link).toHaveAttribute("rel", "noopener noreferrer nofollow");
    expect(link).toHaveAttribute("target", "_blank");
  });

  it.each(["javascript:alert(1)", "vbscript:x", "data:text/html,x"])("defuses a %s link", async (address) => {
    const page = await rendered(`[here](${address})`);
    expect(page.querySelector("a")?.getAttribute("href") ?? "").toBe("");
  });
});
