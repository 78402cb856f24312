import { Anchor, Button, type AnchorProps, type ButtonProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { AnchorHTMLAttributes, Ref } from "react";

type AnchorAttributes = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, keyof ButtonProps | keyof AnchorProps>;
interface WithRef {
  ref?: Ref<HTMLAnchorElement>;
}

function RoutedAnchor(props: AnchorProps & AnchorAttributes & WithRef) {
  return <Anchor {...props} />;
}
function RoutedButton(props: ButtonProps & AnchorAttributes & WithRef) {
  return <Button component="a" {...props} />;
}

/** Mantine's look, the router's typed addresses. */
export const LinkAnchor = createLink(RoutedAnchor);
export const LinkButton = createLink(RoutedButton);
