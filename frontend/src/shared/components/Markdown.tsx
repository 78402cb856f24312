import { Typography } from "@mantine/core";
import { memo } from "react";
import ReactMarkdown, { type Components } from "react-markdown";
import remarkGfm from "remark-gfm";
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
};
const plugins = [remarkGfm];

interface Props {
  text: string;
  /** Show single line breaks as written: right for conversations, wrong for prose wrapped by an editor. */
  keepLines?: boolean;
}

/** Text by strangers: Markdown without raw HTML, without images, with links that carry nothing along. */
export const Markdown = memo(function Markdown({ text, keepLines = false }: Props) {
  return (
    <Typography className={classes.reading} data-keep-lines={keepLines || undefined}>
      <ReactMarkdown remarkPlugins={plugins} components={components}>
        {text}
      </ReactMarkdown>
    </Typography>
  );
});
