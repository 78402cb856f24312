import { createContext, useContext } from "react";
import type { GuidelineNews } from "@/shared/api/types";

/** What is new in the guidelines of those I work by: read once for a page, and used by every queue and desk on it. */
export const NewsContext = createContext<readonly GuidelineNews[]>([]);

/** What is new to me in a protocol's guideline; undefined when I have read its newest version, or it has none. */
export function useNews(protocol: number): GuidelineNews | undefined {
  const news = useContext(NewsContext).find((one) => one.protocol.id === protocol);
  return news && news.read_number !== news.number ? news : undefined;
}
