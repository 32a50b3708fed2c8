/** The component's own class and the caller's. */
export function classes(own: string, given: string | undefined): string {
  return given ? `${own} ${given}` : own;
}
