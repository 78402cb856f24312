import { createLink } from "@tanstack/react-router";
import type { Icon } from "@tabler/icons-react";
import type { AnchorHTMLAttributes } from "react";
import classes from "./RailLink.module.css";

interface Props extends AnchorHTMLAttributes<HTMLAnchorElement> {
  icon: Icon;
  label: string;
}

function Face({ icon: Symbol, label, ...rest }: Props) {
  return (
    <a {...rest} className={classes.link}>
      <Symbol size={18} stroke={1.6} aria-hidden />
      <span>{label}</span>
    </a>
  );
}

/** A line of the rail, marked while its page or one below it is in front. */
export const RailLink = createLink(Face);
