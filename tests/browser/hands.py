"""The hands of somebody without a mouse: Tab to a thing, see that it has the focus, and press keys on it.

`tests/house/test_hands.py` sees to it that browser tests use these and no other way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import FileChooser, Locator, Page

MOST = 900
"""Presses of Tab until it is certain that nobody would come there."""

_WHERE = """(things) => {
  const here = document.activeElement;
  if (!here || here === document.body) return 'nowhere';
  if (things.includes(here)) return 'there';
  return here.localName + ' ' + (here.ariaLabel || here.labels?.[0]?.innerText || here.innerText || here.id).trim();
}"""

# How many stops lie between the focus and the first of the things, or the end of the page when that comes before.
_AHEAD = """(things) => {
  const groups = new Set();
  const stops = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')]
    .filter((each) => each.tabIndex >= 0 && !each.disabled && each.checkVisibility({ visibilityProperty: true }))
    .filter((each) => each.type !== 'radio' || (!groups.has(each.name) && groups.add(each.name)));
  const here = stops.indexOf(document.activeElement);
  const there = stops.findIndex((each, place) => place > here && things.includes(each));
  return (there < 0 ? stops.length : there) - here - 1;
}"""

# What a person sees of the focus: an outline on the thing, or on what stands for it (its label, or what holds it),
# large enough to be seen, in the window, and not wholly covered by something that sticks to its edge.
_SEEN = """() => {
  const here = document.activeElement;
  const around = [here, ...(here.labels ?? []), here.parentElement, here.nextElementSibling, here.closest('tr')];
  const outlined = (each) => {
    if (!each) return false;
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(each);
    const { width, height } = each.getBoundingClientRect();
    const clear = /^rgba\\(.*, 0\\)$/.test(outlineColor);
    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1 && !clear && width >= 8 && height >= 8;
  };
  // A slider is outlined at its thumb, which only the rules of the style tell of.
  const thumbed = ({ selectorText, style }) => {
    const [of, part] = (selectorText ?? '').split('::');
    const thumb = part === '-webkit-slider-thumb' && of.includes(':focus') && here.matches(of);
    return thumb && style.cssText.includes('outline');
  };
  const sliding = here.type === 'range' && [...document.styleSheets].some((each) => [...each.cssRules].some(thumbed));
  const shown = sliding ? [here] : around.filter(outlined);
  return shown.some((each) => [...each.getClientRects()].some((box) => {
    // What lets the mouse through is not met, and covers nothing either.
    if (getComputedStyle(each).pointerEvents === 'none') return box.bottom > 0 && box.top < innerHeight;
    for (const x of [.1, .5, .9]) for (const y of [.1, .5, .9]) {
      const met = document.elementFromPoint(box.left + x * box.width, box.top + y * box.height);
      if (met && (each.contains(met) || met.contains(here))) return true;
    }
    return false;
  }));
}"""


def reach(thing: Locator) -> None:
    """Press Tab until it, or one of those it names, has the focus, and see that it has."""
    page = thing.page
    thing.first.wait_for(state="attached")
    handles = thing.element_handles()
    met: list[str] = []
    ends = 0
    # Far away nobody looks at each stop; near by, and wherever counting was wrong, each is looked at.
    leaps = 2
    while (where := _ask(page, handles)) != "there":
        met.append(where)
        # After the last thing of a page comes the browser itself, and then the first.
        ends += bool(len(met) > 1 and where == "nowhere")
        assert ends < 3 and len(met) < MOST, f"Tab never comes to {thing} on {page.url}, only to {met[-60:]}"
        ahead = _ask(page, handles, _AHEAD) if leaps else ""
        leaps -= bool(leaps)
        for _ in range(max(1, int(ahead) - 2 if ahead.isdecimal() else 1)):
            page.keyboard.press("Tab")
        if len(met) % 25 == 0 or where == "gone":
            # Live parts are written anew now and then.
            handles = thing.element_handles()
    see(page)


def _ask(page: Page, handles: list[object], what: str = _WHERE) -> str:
    from playwright.sync_api import Error

    try:
        return str(page.evaluate(what, handles))
    except Error:
        # A page that is being left, or a part that was written anew.
        page.wait_for_load_state()
        return "gone"


def see(page: Page) -> None:
    """What has the focus looks so, and is in sight."""
    for _ in range(50):
        if page.evaluate(_SEEN):
            return
        # It may be on its way: pages scroll, and outlines move.
        page.wait_for_timeout(100)
    what = page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
    raise AssertionError(f"the focus is not seen on {page.url}: {what}")


def press(thing: Locator, key: str = "Enter") -> None:
    """Go to a link, a button or a summary, and press a key on it."""
    reach(thing)
    thing.page.keyboard.press(key)


def tick(box: Locator) -> None:
    """Go to a box and turn it, on or off."""
    press(box, "Space")


def write(field: Locator, text: str) -> None:
    """Go to a field and write a text in place of what is there."""
    reach(field)
    keyboard = field.page.keyboard
    keyboard.press("ControlOrMeta+a")
    keyboard.type(text)


def choose(field: Locator, option: str) -> None:
    """Go to a list of options and type the beginning of one."""
    reach(field)
    field.page.keyboard.type(option)
    chosen = field.evaluate("(field) => field.selectedOptions[0].text.trim()")
    assert chosen.startswith(option), f"{option!r} typed, {chosen!r} chosen"


def pick(radio: Locator) -> None:
    """Go to a group of which one is to be chosen, as Tab does it, and on by arrows to this one."""
    group = radio.page.locator(f"input[type=radio][name='{radio.get_attribute('name')}']")
    reach(group)
    for _ in range(group.count()):
        if radio.evaluate("(radio) => radio === document.activeElement"):
            break
        radio.page.keyboard.press("ArrowDown")
    see(radio.page)
    if not radio.is_checked():
        radio.page.keyboard.press("Space")
    assert radio.is_checked()


def give(field: Locator, *files: str | dict[str, object]) -> None:
    """Open the chooser of files from the keyboard, and choose these in it: paths, or names with what is in them."""
    page = field.page

    def keep(_chooser: FileChooser) -> None:
        """Whoever listens has the browser hand its choosers over, instead of opening them where nobody sees them."""

    # Said before the walk to the field: nothing answers that the browser has heard it, and each step there does.
    page.on("filechooser", keep)
    reach(field)
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(list(files))  # type: ignore[arg-type]  # paths, or what Playwright calls a payload
    page.remove_listener("filechooser", keep)
