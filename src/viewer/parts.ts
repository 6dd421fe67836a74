/**
 * From markup to typed elements. The page's markup is all in `index.html`; the elements that code has to do with are
 * marked there with `data-part`. A part that is missing is a bug, and throws where the page starts.
 */

type Root = Document | DocumentFragment | Element;
type Kind<E extends Element> = new (...args: never[]) => E;

export function part<E extends Element>(root: Root, name: string, kind: Kind<E>): E {
  const found = root.querySelector(`[data-part="${name}"]`);
  if (!(found instanceof kind)) throw new Error(`The page has no ${kind.name} "${name}"`);
  return found;
}

/** A copy of what is in the template with this id. */
export function fromTemplate(id: string): DocumentFragment {
  const template = document.getElementById(id);
  if (!(template instanceof HTMLTemplateElement)) throw new Error(`The page has no template "${id}"`);
  return document.importNode(template.content, true);
}

/** Sets an element's text if it has another, so that live regions and selections are left in peace. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}
