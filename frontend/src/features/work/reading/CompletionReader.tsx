import type { ReactNode } from "react";
import { CompareView } from "./CompareView";
import { ColumnsView } from "./ColumnsView";
import { FocusView } from "./FocusView";
import { ListView } from "./ListView";
import { ReaderBar } from "./ReaderBar";
import type { Readable, Reading, View } from "./useReading";

export interface ViewProps {
  reading: Reading;
  nameOf: (item: Readable) => string;
  noteOf: (item: Readable) => ReactNode;
  /** Which one stands out: the selected one, unless the desk says another, or none. */
  marked?: string | null;
  /** What belongs to a completion below its text. */
  belowOf?: (item: Readable) => ReactNode;
}

const COMPONENTS: Record<View, (props: ViewProps) => ReactNode> = {
  list: ListView,
  columns: ColumnsView,
  focus: FocusView,
  compare: CompareView,
};

/** Several texts to read and hold against each other, always in the order shown: what is being read stays where it is. */
export function CompletionReader(props: ViewProps) {
  const View = COMPONENTS[props.reading.context.view];
  return (
    <>
      <ReaderBar reading={props.reading} />
      <View marked={props.reading.context.selected} {...props} />
    </>
  );
}
