/**
 * Tells whether a WebSocket upgrade may proceed: browsers send their page's origin, which must be the host asked for or
 * PUBLIC_URL; programs send none.
 */
export function originAllowed(request: { headers: { origin?: string | undefined; host?: string | undefined } }, publicUrl?: string): boolean {
  const { origin, host } = request.headers;
  if (origin === undefined) return true;
  if (publicUrl && URL.canParse(publicUrl) && new URL(publicUrl).origin === origin) return true;
  return URL.canParse(origin) && new URL(origin).host === host;
}
