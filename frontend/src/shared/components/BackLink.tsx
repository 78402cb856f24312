import { IconArrowLeft } from "@tabler/icons-react";
import type { ReactNode } from "react";

/** Wraps a LinkAnchor's text with an arrow to the left. */
export function BackLabel({ children }: { children: ReactNode }) {
  return (
    <span style={{ display: "inline-flex", alignItems: "center", gap: 4, fontSize: "0.875rem" }}>
      <IconArrowLeft size={15} aria-hidden />
      {children}
    </span>
  );
}
