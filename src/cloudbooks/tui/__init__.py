"""The terminal screens: the same operations for hands on a keyboard.

How a screen is added: one file in `screens/`, with one class.

1. Subclass `page.Page` (or `table_page.TablePage` for a screen that is one table). Set `title`, the words of its
   breadcrumb, and `offers`, the ids of the five actions that its footer names, the most needed first.
2. Build its widgets in `compose`; ask for what they show in `read()`, by `self.ask(name, question, then)`: `question`
   gets a `Browser` (`books/browsing.py`) in the reader's thread, `then` its answer in the thread of the screen. An
   answer that was overtaken by a newer question of the same name is dropped; a `CloudBooksError` is shown in the page.
3. A key of the table in `keys.py` calls the method `act_<id>(step)` of the shown page, `-` in the id being `_`, else
   that of the app; `step` is which of the binding's keys was pressed, from 0. `why_not(id)` says why an action is not
   possible now, and dims it.
4. What changes the book goes by `self.do(operation, then)`: `operation` gets the desk in the writer's thread; every
   shown page reads again when it is done. Questions are asked by `self.app_.question(...)`.
5. Name the class in `screens/table.py` under its number. A page below another is shown by `self.app_.push(page)` and
   left by Esc.
6. No text reaches a widget but through `showing.py`; sentences are `sentence(...)`, their Chinese stands in `tui.po`.
7. Its pilot test stands in `tests/tui/`, and its pictures in the list of `tests/tui/pictures.py`.
"""
