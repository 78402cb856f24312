import { useFormat } from "@/shared/i18n/useFormat";
import classes from "./Bars.module.css";

export interface Bar {
  name: string;
  count: number;
}

/** Counts as bars that lie, each with its name and its number: a table to whoever does not see the bars. */
export function Bars({ title, bars }: { title: string; bars: readonly Bar[] }) {
  const format = useFormat();
  const most = Math.max(1, ...bars.map((bar) => bar.count));
  return (
    <table className={classes.table}>
      <caption>{title}</caption>
      <tbody>
        {bars.map((bar) => (
          <tr key={bar.name}>
            <th scope="row" className={classes.name} title={bar.name}>
              {bar.name}
            </th>
            <td className={classes.track} aria-hidden>
              {bar.count > 0 && <div className={classes.bar} style={{ width: `${(bar.count / most) * 100}%` }} />}
            </td>
            <td className={classes.count}>{format.integer(bar.count)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
