import { screen, waitFor } from "@testing-library/react";
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

describe("what is drawn only where it is needed", () => {
  it("is a formula, with its source for those who cannot see it", async () => {
    const page = await rendered("The area is \\(\\pi r^2\\).");
    await waitFor(() => expect(page.querySelector(".katex")).not.toBeNull());
    expect(page.querySelector("annotation")).toHaveTextContent("\\pi r^2");
  });

  it("is a formula on a line of its own", async () => {
    const page = await rendered("So:\n\n$$a = b$$");
    await waitFor(() => expect(page.querySelector(".katex-display")).not.toBeNull());
    expect(page.querySelector("pre")).toBeNull();
  });

  it.each(["\\href{javascript:alert(1)}{x}", "\\includegraphics{https://example.org/a.png}", "\\htmlClass{a}{x}"])(
    "refuses %s in a formula",
    async (tex) => {
      const page = await rendered(`$$${tex}$$`);
      await waitFor(() => expect(page.querySelector(".katex, .katex-error")).not.toBeNull());
      expect(page.querySelector("a, img, .a")).toBeNull();
    },
  );

  it("shows a broken formula as it was written", async () => {
    const page = await rendered("$$\\frac{1$$");
    await waitFor(() => expect(page.querySelector(".katex-error")).not.toBeNull());
    expect(page).toHaveTextContent("\\frac{1");
  });

  it("is code in a language it knows; another stays as it is", async () => {
    const page = await rendered("```python\ndef f(): pass\n```\n\n```no-such\nplain\n```");
    await waitFor(() => expect(page.querySelector(".hljs-keyword")).toHaveTextContent("def"));
    expect(page).toHaveTextContent("plain");
  });
});

describe("direction", () => {
  it("follows the text, and code runs from left to right", async () => {
    const page = await rendered("שלום\n\n```\na = b\n```");
    expect(page.querySelector("[data-testid=text] > div")).toHaveAttribute("dir", "auto");
    expect(page.querySelector("pre")).toHaveAttribute("dir", "ltr");
  });
});
