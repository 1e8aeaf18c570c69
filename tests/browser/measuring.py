"""What a person would see at once and a machine can measure: text that is cut off, covered or out of reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from playwright.sync_api import Page


class Faults(msgspec.Struct):
    """Each fault as a short description of the element and its text."""

    clipped: list[str] = []
    overlapping: list[str] = []
    scrolling: list[str] = []

    def __bool__(self) -> bool:
        return bool(self.clipped or self.overlapping or self.scrolling)


def measure(page: Page) -> Faults:
    """Look at the page as it stands, at its whole height."""
    width = page.viewport_size["width"] if page.viewport_size else 1440
    page.evaluate("document.fonts.ready.then(() => true)")
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": min(int(height), 20_000)})
    return msgspec.convert(page.evaluate(_MEASURE), Faults)


# Texts that are shortened on purpose are links to the whole, or carry it as their title.
_MEASURE = r"""
() => {
  const clipped = [], overlapping = [], scrolling = [];
  const root = document.documentElement;
  const name = (element) => {
    const classes = [...element.classList].map((each) => '.' + each).join('');
    const text = (element.textContent || '').trim().replace(/\s+/g, ' ').slice(0, 50);
    return `${element.localName}${element.id ? '#' + element.id : ''}${classes} “${text}”`;
  };
  const hidden = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const style = getComputedStyle(each);
      if (style.display === 'none' || style.visibility === 'hidden' || style.opacity === '0') return true;
      if (style.clipPath !== 'none' || each.matches('.unseen, .skip')) return true;
      const closed = each.localName === 'details' && !each.open;
      if (closed && !each.querySelector(':scope > summary')?.contains(element)) return true;
    }
    return false;
  };
  if (root.scrollWidth > root.clientWidth) scrolling.push(`the page: ${root.scrollWidth} > ${root.clientWidth}`);

  // What is left of a box inside all that cuts off what sticks out.
  const shown = (parent, whole) => {
    let { left, right, top, bottom } = whole;
    for (let each = parent; each && each !== document.body; each = each.parentElement) {
      const style = getComputedStyle(each);
      if (style.overflowX === 'visible' || style.display === 'inline') continue;
      const edge = each.getBoundingClientRect();
      [left, right] = [Math.max(left, edge.left), Math.min(right, edge.right)];
      [top, bottom] = [Math.max(top, edge.top), Math.min(bottom, edge.bottom)];
    }
    return { left, right, top, bottom, height: bottom - top };
  };
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const parent = node.parentElement;
    if (!node.data.trim() || ['SCRIPT', 'STYLE', 'OPTION', 'TITLE', 'NOSCRIPT'].includes(parent.tagName)) continue;
    if (hidden(parent)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const whole of range.getClientRects()) {
      const box = shown(parent, whole);
      if (box.right - box.left > 1 && box.bottom - box.top > 1) texts.push({ parent, box });
    }
  }
  for (const { parent, box } of texts) {
    if (box.left < -1 || box.right > root.clientWidth + 1) {
      let inside = false;
      for (let each = parent; each; each = each.parentElement) {
        const flow = getComputedStyle(each).overflowX;
        if ((flow === 'auto' || flow === 'scroll') && each !== document.body && each !== root) inside = true;
      }
      if (!inside) clipped.push(`out of the page: ${name(parent)}`);
    }
  }
  for (const element of document.querySelectorAll('body *')) {
    if (hidden(element)) continue;
    const style = getComputedStyle(element);
    const wide = element.scrollWidth > element.clientWidth + 1, tall = element.scrollHeight > element.clientHeight + 2;
    if (/auto|scroll/.test(style.overflowX) && wide && !['PRE', 'TEXTAREA', 'INPUT'].includes(element.tagName)) {
      scrolling.push(name(element));
    }
    if (/hidden|clip/.test(style.overflowX + style.overflowY) && element.clientWidth > 0 && (wide || tall)) {
      const whole = element.closest('[title]') || element.closest('a') || element.querySelector('a');
      const text = texts.some(({ parent }) => element.contains(parent));
      if (text && !whole) clipped.push(name(element));
    }
  }
  // Covered: something that is neither around nor inside a text lies over its middle.
  for (const { parent, box } of texts) {
    const x = (box.left + box.right) / 2, y = (box.top + box.bottom) / 2;
    if (x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) continue;
    const top = document.elementFromPoint(x, y);
    // What lets the pointer through lies above what is found there.
    if (getComputedStyle(parent).pointerEvents === 'none') continue;
    if (!top || top.contains(parent) || parent.contains(top)) continue;
    // A link may be laid over the card it opens.
    if (top.localName === 'a' && top.textContent.trim() && top.parentElement.contains(parent)) continue;
    const card = top.closest('a, label, summary, button');
    if (card && card.contains(parent)) continue;
    if (card && card.parentElement.parentElement && card.parentElement.parentElement.contains(parent)) continue;
    overlapping.push(`${name(parent)} under ${name(top)}`);
  }
  // Two texts in one place. Boxes of letters reach beyond their line, so a third of overlap is none.
  const sorted = texts.slice().sort((a, b) => a.box.top - b.box.top);
  for (let i = 0; i < sorted.length; i += 1) {
    const one = sorted[i];
    for (let k = i + 1; k < sorted.length && sorted[k].box.top < one.box.bottom; k += 1) {
      const other = sorted[k];
      if (one.parent === other.parent || one.parent.closest('svg') !== other.parent.closest('svg')) continue;
      const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
      const down = Math.min(one.box.bottom, other.box.bottom) - other.box.top;
      const least = Math.min(one.box.height, other.box.height);
      if (across > 3 && down > Math.max(5, least * 0.45)) {
        const sticky = [one.parent, other.parent].some((each) => {
          for (let at = each; at; at = at.parentElement) {
            if (['fixed', 'sticky'].includes(getComputedStyle(at).position)) return true;
          }
          return false;
        });
        if (!sticky) overlapping.push(`${name(one.parent)} × ${name(other.parent)}`);
      }
    }
  }
  // Two things to press in one place.
  const controls = [...document.querySelectorAll('input, select, textarea, button, .button')]
    .filter((each) => !hidden(each) && each.type !== 'hidden')
    .map((each) => ({ each, box: each.getBoundingClientRect() }))
    .filter(({ box }) => box.width > 1 && box.height > 1);
  for (let i = 0; i < controls.length; i += 1) {
    for (let k = i + 1; k < controls.length; k += 1) {
      const [one, other] = [controls[i], controls[k]];
      if (one.each.contains(other.each) || other.each.contains(one.each)) continue;
      const across = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
      const down = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
      const places = [one.each, other.each].map((each) => getComputedStyle(each).position);
      const apart = one.each.closest('.top, .side') !== other.each.closest('.top, .side');
      if (across > 1 && down > 1 && !places.includes('absolute') && !apart) {
        overlapping.push(`${name(one.each)} × ${name(other.each)}`);
      }
    }
  }
  const few = (list) => [...new Set(list)].slice(0, 12);
  return { clipped: few(clipped), overlapping: few(overlapping), scrolling: few(scrolling) };
}
"""
