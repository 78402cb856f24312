import { Tooltip } from "@mantine/core";
import classes from "./DayBars.module.css";

interface Day {
  key: string;
  value: number;
  label: string;
}

/** One small bar a day; a day without anything keeps its place on the baseline. */
export function DayBars({ days, label }: { days: readonly Day[]; label: string }) {
  const most = Math.max(1, ...days.map((day) => day.value));
  return (
    <div className={classes.bars} role="list" aria-label={label}>
      {days.map((day) => (
        <Tooltip key={day.key} label={day.label} openDelay={0}>
          <div className={classes.slot} role="listitem" aria-label={day.label}>
            <div className={classes.bar} style={{ height: `${(day.value / most) * 100}%` }} />
          </div>
        </Tooltip>
      ))}
    </div>
  );
}
