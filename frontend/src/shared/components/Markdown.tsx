import { Typography } from "@mantine/core";
import { memo, useMemo } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
import { whenWanted } from "@/shared/hooks/whenWanted";
import { withMathMarks } from "./mathMarks";
import { RemoteImage } from "./RemoteImage";
import classes from "./Markdown.module.css";

const components: Components = {
  a: ({ href, children }) => (
    <a href={href} target="_blank" rel="noopener noreferrer nofollow">
      {children}
    </a>
  ),
  // An image would tell its host who reads this, so only its description and address are shown.
  img: ({ alt, src }) => <RemoteImage alt={alt} src={typeof src === "string" ? src : undefined} />,
  pre: ({ children }) => <pre dir="ltr">{children}</pre>,
};

// Most texts hold neither formulas nor code, so what draws these comes with the first text that does.
const useFormulas = whenWanted(() => import("./Formula"));
const useHighlighting = whenWanted(() => import("rehype-highlight"));
const FENCE = /^[ \t]*(`{3,}|~{3,})[ \t]*[\w+#-]/m;

interface Props {
  text: string;
  /** Show single line breaks as written: right for conversations, wrong for prose wrapped by an editor. */
  keepLines?: boolean;
}

/** Text by strangers: Markdown without raw HTML, without images, with links that carry nothing along. */
export const Markdown = memo(function Markdown({ text, keepLines = false }: Props) {
  const marked = useMemo(() => withMathMarks(text), [text]);
  const formulas = useFormulas(marked !== null);
  const highlighting = useHighlighting(FENCE.test(text));
  return (
    <Typography className={classes.reading} data-keep-lines={keepLines || undefined} dir="auto">
      <ReactMarkdown
        remarkPlugins={formulas ? [remarkGfm, [...formulas.mathPlugin]] : [remarkGfm]}
        rehypePlugins={highlighting ? [[highlighting.default, { plainText: ["math"] }]] : []}
        components={formulas ? { ...components, ...formulas.mathComponents } : components}
      >
        {formulas && marked !== null ? marked : text}
      </ReactMarkdown>
    </Typography>
  );
});
