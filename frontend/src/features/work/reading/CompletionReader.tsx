import { lazy, Suspense, type ComponentType, type ReactNode } from "react";
import { Loading } from "@/shared/components/Loading";
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

const COMPONENTS: Record<View, ComponentType<ViewProps>> = {
  list: ListView,
  columns: ColumnsView,
  focus: FocusView,
  // Its own words and styles come with the first comparison.
  compare: lazy(async () => ({ default: (await import("./CompareView")).CompareView })),
};

/** Several texts to read and hold against each other, always in the order shown: what is being read stays where it is. */
export function CompletionReader(props: ViewProps) {
  const View = COMPONENTS[props.reading.context.view];
  return (
    <>
      <ReaderBar reading={props.reading} />
      <Suspense fallback={<Loading rows={2} height={160} />}>
        <View marked={props.reading.context.selected} {...props} />
      </Suspense>
    </>
  );
}
