import { RondeError, type Fault, type Page, type PageQuery } from '@ronde/contracts';

/** Gives a fault of one field, with what to do about it where the field alone does not say it. */
export function faultOf(field: string, message: string, remedy?: string): Fault {
  return { field, code: 'INPUT_INVALID', message, ...(remedy !== undefined && { remedy }) };
}

/** Gives what was found, or answers 404 (also for what belongs to another tenant). */
export function found<T>(document: T | undefined, noun: string, id: string): T {
  if (document === undefined) throw new RondeError('RESOURCE_UNKNOWN', `there is no ${noun} "${id}"`);
  return document;
}

/** Gives a registry page query from the call's. */
export function pageQuery(query: PageQuery): { limit: number; cursor?: string } {
  return { limit: query.limit, ...(query.cursor !== undefined && { cursor: query.cursor }) };
}

/** Maps the items of a page. */
export function mapPage<A, B>(page: Page<A>, map: (item: A) => B): Page<B> {
  return { items: page.items.map(map), ...(page.next !== undefined && { next: page.next }) };
}
