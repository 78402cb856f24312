/** Only paths of this site: an address elsewhere would make the sign-in page a trap. */
export function safePath(next: string | undefined): string {
  return next && /^\/(?![/\\])/.test(next) ? next : "/work";
}
