import type { DemonstrationPayload } from "@/shared/api/types";
import { Conversation } from "../Conversation";
import type { ReadingProps } from "./reading";

export function DemonstrationReading({ payload }: ReadingProps) {
  const { turns = [], completion } = payload as unknown as DemonstrationPayload;
  return <Conversation messages={[...turns, { role: "assistant", content: completion }]} />;
}
