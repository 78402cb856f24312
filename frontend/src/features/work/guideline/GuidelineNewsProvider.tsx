import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { newsOptions } from "./api";
import { NewsContext } from "./news";

export function GuidelineNewsProvider({ children }: { children: ReactNode }) {
  return <NewsContext value={useQuery(newsOptions).data ?? []}>{children}</NewsContext>;
}
