"""What C++ sources declare, for the checks of the house: no parser, but
enough to know in which namespace or class a name stands."""

import re

from cpp_text import without_comments_and_text

_TOKEN = re.compile(r'[A-Za-z_]\w*|\d[\w.\']*|::|->|\.\.\.|[^\s\w]')
_DIRECTIVE = re.compile(r'^[ \t]*#(?:\\\n|[^\n])*', re.MULTILINE)
_DEFINE = re.compile(r'\s*#\s*define\s+(\w+)(\([^)]*\))?')
_BRACKETS = {'(': ')', '[': ']', '{': '}'}
_CLASSES = ('class', 'struct', 'union')
# May stand before `class`, `enum` …; words that begin with a capital may too.
_BEFORE_TYPE = ('template', '<>', 'requires', '::', '[]', 'typedef', 'const',
                'constexpr', 'inline', 'static')
# What has parentheses and is not the function that is declared.
_NO_FUNCTION = re.compile(r'([A-Z0-9_]+|alignas|decltype|explicit|noexcept|'
                          r'requires|__attribute__|__declspec)$')


def is_word(token):
    return token[:1].isalpha() or token[:1] == '_'


class Source:
    """The tokens of a source, and what it declares. A place is that of a token.

    tokens: those of the code, then those that macros stand for.
    declared: (namespace, name, place, is complete) of what stands in
        namespaces, each a tuple with '' for one without a name. Not complete is
        a type of which this only says that there is one.
    types: (namespace, name, place) of types that are defined among them.
    nested: (class, name) of types inside a class, defined outside of it.
    members: class → what is declared in it.
    bases: class → its bases.
    entered: classes of which members are defined outside of them.
    friends: words of what is declared as a friend.
    macros: those that are defined.
    """

    def __init__(self, text):
        self._code = without_comments_and_text(text)
        self.declared, self.types, self.nested = [], [], set()
        self.members, self.bases = {}, {}
        self.entered, self.friends, self.macros = set(), set(), set()
        directives = list(_DIRECTIVE.finditer(self._code))
        found = list(_TOKEN.finditer(_DIRECTIVE.sub(
            lambda match: re.sub(r'[^\n]', ' ', match.group()), self._code)))
        end = len(found)
        for directive in directives:
            found += self._definition(directive)
        self.tokens = [match.group() for match in found]
        self._offsets = [match.start() for match in found]
        self._end_of = self._matching_brackets()
        self._read(0, end, (), None)

    def line(self, place):
        return self._code.count('\n', 0, self._offsets[place]) + 1

    def _definition(self, directive):
        """What a macro stands for, but for its parameters."""
        define = _DEFINE.match(directive.group())
        if define is None:
            return []
        self.macros.add(define[1])
        unused = {*filter(is_word, _TOKEN.findall(define[2] or '')), '\\'}
        begin = directive.start() + define.end()
        return [match for match in _TOKEN.finditer(self._code, begin,
                                                   directive.end())
                if match.group() not in unused]

    def _matching_brackets(self):
        end_of, opened = {}, []
        for place, token in enumerate(self.tokens):
            if token in _BRACKETS:
                opened.append(place)
            elif opened and token == _BRACKETS[self.tokens[opened[-1]]]:
                end_of[opened.pop()] = place
        return end_of

    def _end(self, place):
        """Of the bracket at a place."""
        return self._end_of.get(place, len(self.tokens) - 1)

    def _end_of_arguments(self, place):
        """The > of the < at a place; None: that only compares."""
        depth = 0
        while place < len(self.tokens):
            token = self.tokens[place]
            depth += (token == '<') - (token == '>')
            if depth == 0:
                return place
            if token in (';', ')', ']', '}'):
                return None
            place = self._end(place) if token in _BRACKETS else place
            place += 1
        return None

    def _read(self, place, end, namespace, in_class):
        """Reads the declarations of a namespace or class."""
        # (token, place) of a declaration so far. What is in brackets is one.
        head = []
        while place < end:
            token = self.tokens[place]
            last = head[-1][0] if head else ''
            if token == ';':
                self._declare(head, namespace, in_class)
                head = []
            elif token == ':' and last in ('public', 'protected', 'private'):
                head = []
            elif token == '{':
                head = self._open(head, place, namespace, in_class)
                place = self._end(place)
            elif token in _BRACKETS:
                head.append((token + _BRACKETS[token], place))
                place = self._end(place)
            elif token == '<' and last and is_word(last) and not any(
                    word in ('=', 'operator') for word, _ in head):
                close = self._end_of_arguments(place)
                head.append(('<' if close is None else '<>', place))
                place = close or place
            else:
                head.append((token, place))
            place += 1

    def _open(self, head, place, namespace, in_class):
        """Reads what is in braces, after a head; what is left of that."""
        words = [word for word, _ in head]
        inside = (place + 1, self._end(place))
        if 'namespace' in words:
            names = filter(is_word, words[words.index('namespace') + 1:])
            self._read(*inside, namespace + (tuple(names) or ('',)), None)
            return []
        if words == ['extern']:  # "C"
            self._read(*inside, namespace, in_class)
            return []
        kind = self._kind(words)
        if kind is not None:
            name = self._define_type(head, kind, namespace, in_class)
            if words[kind] != 'enum':
                self._read(*inside, namespace, name)
            else:
                plain = words[kind + 1] not in _CLASSES
                self._enumerate(*inside, namespace, in_class, name, plain)
            return [('{}', place)]
        if '()' not in words or (
                '=' in words and 'operator' not in words) or (
                'requires' in words[-2:-1] + words[-1:]) or (
                ':' in words and (is_word(words[-1]) or words[-1] == '<>')):
            return head + [('{}', place)]  # a value
        self._declare(head, namespace, in_class)
        return []

    @staticmethod
    def _kind(words):
        """Where `class`, `enum` … is, in a head of a type; else None."""
        for at, word in enumerate(words):
            if word == 'enum' or word in _CLASSES:
                functions = [n for n, token in enumerate(words) if n > at and
                             token == '()' and
                             not _NO_FUNCTION.match(words[n - 1])]
                return None if functions or '=' in words[at:] else at
            if word not in _BEFORE_TYPE and not word[0].isupper():
                return None
        return None

    def _define_type(self, head, kind, namespace, in_class):
        """The name of a type, which is defined."""
        words = [word for word, _ in head]
        colon = words.index(':') if ':' in words else len(words)
        # Of C of A::B<T>::C, and the classes before it.
        path, special = [], False
        for at in range(kind + 1, colon):
            if words[at] == '<>':
                special = True
            elif is_word(words[at]) and words[at] not in ('final', *_CLASSES):
                path = path if words[at - 1] == '::' else []
                path.append(at)
                special = False
        if not path:
            return ''
        *outer, name = (words[at] for at in path)
        if outer:
            self.entered.update(outer)
            self.nested.add((outer[-1], name))
        elif not special:
            place = head[path[-1]][1]
            self._add(name, place, namespace, in_class)
            if in_class is None:
                self.types.append((namespace, name, place))
        self.members.setdefault(name, set())
        ends = [at for at in range(colon + 1, len(words) + 1)
                if at == len(words) or words[at] in (',', '<>')]
        self.bases.setdefault(name, set()).update(
            words[at - 1] for at in ends if is_word(words[at - 1]))
        return name

    def _enumerate(self, place, end, namespace, in_class, name, plain):
        begins = True
        while place < end:
            token = self.tokens[place]
            if begins and is_word(token):
                self._add(token, place, namespace, name)
                if plain:
                    self._add(token, place, namespace, in_class)
            begins = token == ','
            place = self._end(place) if token in _BRACKETS else place
            place += 1

    def _add(self, name, place, namespace, in_class, complete=True):
        if in_class is None:
            self.declared.append((namespace, name, place, complete))
        else:
            self.members.setdefault(in_class, set()).add(name)

    def _declare(self, head, namespace, in_class):
        """Takes a declaration that defines no type."""
        words = [word for word, _ in head]
        while words[:1] in (['template'], ['[]'], ['typedef']):
            skip = 2 if words[:2] == ['template', '<>'] else 1
            head, words = head[skip:], words[skip:]
        scope = (namespace, in_class)
        if not words or words[0] == 'static_assert' or 'operator' in words:
            return
        if words[0] == 'friend':
            self.friends.update(filter(is_word, words))
        elif words[0] == 'using':
            if words[1] != 'namespace':
                self._add(*head[1 if '=' in words else -1], *scope)
        elif '()' in words and ('=' not in words or
                                words.index('()') < words.index('=')):
            self._declare_function(head, scope)
        else:
            opaque = words[0] == 'enum'
            if opaque or words[0] in _CLASSES:
                at = 1 + (words[1] in _CLASSES)
                self._add(*head[at], *scope, complete=opaque)
                head = head[at + 1:]
            self._declare_variables(head, scope)

    def _declare_function(self, head, scope):
        words = [word for word, _ in head]
        for at in range(1, len(words)):
            if words[at] != '()' or not is_word(words[at - 1]) or (
                    _NO_FUNCTION.match(words[at - 1]) and words[at:] != ['()']):
                continue
            if words[at:at + 2] == ['()', '()']:  # a pointer to one
                place = self._end(head[at][1]) - 1
                self._add(self.tokens[place], place, *scope)
                return
            at -= 2 if words[at - 2:at - 1] == ['~'] else 1
            if at == 0 or words[at - 1] != '::':
                self._add(*head[at], *scope)
            while at > 1 and words[at - 1] == '::':
                at -= 3 if words[at - 2] == '<>' else 2
                self.entered.add(words[at])
            return

    def _declare_variables(self, head, scope):
        words = [word for word, _ in head] + [';']
        named = False
        for at, word in enumerate(words[:-1]):
            if word == ',':
                named = False
            elif not named and is_word(word) and words[at + 1] in (
                    '=', ';', ',', '{}', '[]', ':'):
                named = True
                if words[at - 1] == '::' and at > 1:
                    self.entered.add(words[at - 2])
                else:
                    self._add(*head[at], *scope)
