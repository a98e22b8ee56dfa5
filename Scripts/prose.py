# SPDX-License-Identifier: GPL-3.0-or-later
#
# prose.py FILE ...: prints the running text of HTML files, a line for each heading, paragraph and item of a list, and
# an empty line before a heading. Examples, tables, notes on pictures, navigation and tables of contents are left out.
import html.parser
import sys

HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
BLOCKS = HEADINGS | {"p", "div", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "section"}
LEFT_OUT = {"head", "script", "style", "nav", "pre", "table"}
LEFT_OUT_CLASSES = {"toc", "docnav", "navheader", "navfooter", "listingblock", "imageblock", "mediaobject", "footnote"}
# They are never ended.
VOID = {"br", "hr", "img", "link", "meta", "input", "col", "wbr"}


class Prose(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.words = []
        # Elements that are open, from the one on that is left out.
        self.left_out = 0

    def handle_starttag(self, tag, attributes):
        if tag in VOID:
            self.words.append(" ")
        elif self.left_out:
            self.left_out += 1
        elif tag in LEFT_OUT or LEFT_OUT_CLASSES & set((dict(attributes).get("class") or "").split()):
            self.end_line()
            self.left_out = 1
        elif tag in BLOCKS:
            self.end_line()
            if tag in HEADINGS:
                print()

    def handle_endtag(self, tag):
        if self.left_out:
            self.left_out -= 1
        elif tag in BLOCKS:
            self.end_line()

    def handle_startendtag(self, tag, attributes):
        if not self.left_out:
            self.words.append(" ")

    def handle_data(self, text):
        if not self.left_out:
            self.words.append(text)

    def end_line(self):
        # One space for any white space, no-break spaces among it.
        line = " ".join("".join(self.words).split())
        self.words = []
        if line:
            print(line)


sys.stdout.reconfigure(encoding="utf-8")
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as file:
        prose = Prose()
        prose.feed(file.read())
        prose.close()
        prose.end_line()
