"""Help inside the program: the pages beside what they are about, with a search over all of them."""

from PySide6.QtCore import Qt
from PySide6.QtCore import QUrl
from PySide6.QtGui import QColor
from PySide6.QtGui import QFont
from PySide6.QtGui import QShowEvent
from PySide6.QtGui import QTextBlockFormat
from PySide6.QtGui import QTextCursor
from PySide6.QtGui import QTextFormat
from PySide6.QtGui import QTextFrameFormat
from PySide6.QtGui import QTextLength
from PySide6.QtGui import QTextOption
from PySide6.QtGui import QTextTable
from PySide6.QtWidgets import QFrame
from PySide6.QtWidgets import QHBoxLayout
from PySide6.QtWidgets import QLineEdit
from PySide6.QtWidgets import QListWidget
from PySide6.QtWidgets import QListWidgetItem
from PySide6.QtWidgets import QStackedWidget
from PySide6.QtWidgets import QTextBrowser
from PySide6.QtWidgets import QVBoxLayout

from auditor.gui.context import Context
from auditor.gui.frame.help_pages import PAGES
from auditor.gui.frame.help_pages import search
from auditor.gui.frame.help_pages import text_of
from auditor.gui.frame.help_pages import title_of
from auditor.gui.pieces.controls import Tool
from auditor.gui.pieces.controls import heading
from auditor.gui.pieces.controls import on_escape

# In a small window a little narrower, but never so that the tables of the pages would be cut.
_WIDTH, _LEAST = 450, 436
_TARGET = Qt.ItemDataRole.UserRole
_HEADING_SIZES = {1: 15.0, 2: 12.0, 3: 10.5}


class HelpPane(QFrame):
    """A pane at the window's side. `show_page` brings a page; the field above it searches all of them."""

    def __init__(self, context: Context) -> None:
        """Begin hidden, on the contents."""
        super().__init__()
        self.setObjectName("help")
        self._context = context
        self.page = ""
        self.field = QLineEdit(clearButtonEnabled=True)
        self.found = QListWidget()
        self.found.setWordWrap(True)
        # Else lines are wrapped where they are out of view already.
        self.found.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.found.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.browser = QTextBrowser(openLinks=False)
        self.contents, self.close_button = Tool(autoRaise=True), Tool(autoRaise=True)
        self._stack = QStackedWidget()
        self._build()
        self.field.textChanged.connect(self._search)
        self.found.itemActivated.connect(self._open_found)
        self.found.itemClicked.connect(self._open_found)
        self.browser.anchorClicked.connect(self._follow)
        self.contents.clicked.connect(self.show_contents)
        self.close_button.clicked.connect(self.hide)
        context.speech.switched.connect(self._say_again)
        context.appearance.changed.connect(self._say_again)
        self.hide()

    def show_page(self, page: str, section: str = "") -> None:
        """Show a page, from one of its headings on if that is named."""
        self.page = page
        self.show()
        self.browser.document().setDocumentMargin(14)
        self.browser.setMarkdown(text_of(page, self._context.speech.language.code))
        self.browser.setAccessibleName(title_of(page, self._context.speech.language.code))
        self._dress()
        self._stack.setCurrentWidget(self.browser)
        self._scroll_to(section)

    def show_contents(self) -> None:
        """List the pages, or what the search found."""
        self.page = ""
        self.show()
        self.field.clear()
        self._search("")
        self.field.setFocus()

    def showEvent(self, event: QShowEvent) -> None:
        """Take the room that the window can spare."""
        self.setFixedWidth(max(_LEAST, min(_WIDTH, self.window().width() // 3)))
        super().showEvent(event)

    def _search(self, words: str) -> None:
        language = self._context.speech.language.code
        self.found.clear()
        if words.strip():
            for hit in search(words, language):
                names = dict.fromkeys((title_of(hit.page, language), hit.title))
                self._list(f"{' · '.join(names)}\n{hit.around}", hit.page, hit.title)
            if not self.found.count():
                self.found.addItem(self._context.speech.text("help.nothing"))
        else:
            for page in PAGES:
                self._list(title_of(page, language), page, "")
        self._stack.setCurrentWidget(self.found)

    def _list(self, text: str, page: str, title: str) -> None:
        item = QListWidgetItem(text)
        item.setData(_TARGET, (page, title))
        self.found.addItem(item)

    def _open_found(self, item: QListWidgetItem) -> None:
        target = item.data(_TARGET)
        if target:
            self.show_page(*target)

    def _follow(self, link: QUrl) -> None:
        page = link.path().removesuffix(".md")
        if page in PAGES:
            self.show_page(page)

    def _say_again(self) -> None:
        if not self.isVisible():
            return
        if self.page:
            self.show_page(self.page)
        else:
            self._search(self.field.text())

    def _dress(self) -> None:
        """Give headings and tables the program's looks; Markdown states only what they are."""
        document = self.browser.document()
        block = document.begin()
        while block.isValid():
            level = block.blockFormat().headingLevel()
            cursor = QTextCursor(block)
            if level:
                cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
                shape = cursor.charFormat()
                shape.clearProperty(QTextFormat.Property.FontSizeAdjustment)
                shape.setFontPointSize(_HEADING_SIZES.get(level, 10.0))
                shape.setFontWeight(QFont.Weight.DemiBold)
                cursor.setCharFormat(shape)
            room = QTextBlockFormat()
            room.setTopMargin(10 if level > 1 else 2)
            room.setBottomMargin(4)
            if cursor.currentTable() is None:
                QTextCursor(block).mergeBlockFormat(room)
            block = block.next()
        for frame in document.rootFrame().childFrames():
            if isinstance(frame, QTextTable):
                shape_of_table = frame.format().toTableFormat()
                shape_of_table.setBorder(1)
                shape_of_table.setWidth(QTextLength(QTextLength.Type.PercentageLength, 99))
                shape_of_table.setTopMargin(6)
                shape_of_table.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
                shape_of_table.setBorderBrush(QColor(self._context.appearance.theme.line))
                shape_of_table.setCellPadding(4)
                shape_of_table.setCellSpacing(0)
                shape_of_table.setBorderCollapse(True)
                frame.setFormat(shape_of_table)

    def _scroll_to(self, section: str) -> None:
        self.browser.moveCursor(QTextCursor.MoveOperation.Start)
        block = self.browser.document().begin()
        while section and block.isValid():
            if block.blockFormat().headingLevel() and block.text().strip() == section:
                top = self.browser.document().documentLayout().blockBoundingRect(block).top()
                self.browser.verticalScrollBar().setValue(round(top) - 6)
                return
            block = block.next()

    def _build(self) -> None:
        speech, appearance = self._context.speech, self._context.appearance
        speech.bind(self.field.setPlaceholderText, "help.search")
        speech.bind(self.field.setAccessibleName, "help.search")
        speech.bind(self.found.setAccessibleName, "help.contents")
        for tool, icon, key in ((self.contents, "menu", "help.contents"), (self.close_button, "close", "help.close")):
            appearance.bind_icon(tool.setIcon, icon, "muted")
            speech.bind(tool.setToolTip, key)
            speech.bind(tool.setAccessibleName, key)
        self.browser.setFrameShape(QFrame.Shape.NoFrame)
        self.browser.setWordWrapMode(QTextOption.WrapMode.WordWrap)
        for widget in (self.found, self.browser):
            self._stack.addWidget(widget)
        head = QHBoxLayout()
        head.addWidget(heading(self._context, "help.title"))
        head.addStretch(1)
        head.addWidget(self.contents)
        head.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self.field)
        layout.addWidget(self._stack, 1)
        on_escape(self, self.hide)
