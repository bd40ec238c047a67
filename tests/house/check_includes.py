"""Fails on a name of the project that a file uses without an include for it.

    check_includes.py ROOT

Names are macros and what stands in namespaces of the project's headers: types,
functions, constants. Each is to be declared before in the file, or in a header
that the file includes, or that such a header includes; of several headers that
declare the name, in one. Where a type is made or looked into by name, it has to
be defined there.

Not seen is a need for the definition of a type that the file does not name
(`a.b.c`), and for names that are also a variable, parameter or member of what
the file defines; nor whether headers from elsewhere are included.
"""

import pathlib
import sys

from cpp_names import Source, is_word
from cpp_text import includes, sources

FOLDERS = ['include', 'src', 'capi', 'cli', 'tests', 'benchmarks']
# Where includes are looked for.
INCLUDE_FOLDERS = ['include', 'capi/include', '.', 'tests']

# What may stand before a name that is used: any other word is a type, and the
# name after it is declared.
BEFORE_USE = set('''
    and case class co_await co_return co_yield const constexpr constinit
    consteval delete do else enum explicit extern final friend goto inline
    mutable namespace new noexcept not operator or override private protected
    public requires return sizeof static struct template thread_local throw
    typedef typename union using virtual volatile'''.split())


def local_names(source):
    """What a file declares in functions and parameters, as far as it shows."""
    tokens = source.tokens
    elsewhere = {place for _, _, place, _ in source.declared}
    names = set()
    for at in range(1, len(tokens) - 1):
        before, after = tokens[at - 1], tokens[at + 1]
        if not is_word(tokens[at]) or after == '::' or at in elsewhere:
            continue
        if before in ('class', 'enum', 'struct', 'typename', 'union', 'using'):
            declares = after in ('=', ',', '>', '{', ':')
        elif is_word(before):
            is_macro = '_' in before and before.isupper()
            declares = before not in BEFORE_USE and not is_macro
        elif before in ('>', '*', '&'):
            declares = after in ('=', '{', '[') and tokens[at + 2] != '='
        else:
            declares = before == '...'
        if declares:
            names.add(tokens[at])
    return names


class Tree:
    """The files of the project, and what their headers declare.

    headers: name → {header: does it define the name}.
    """

    def __init__(self, root):
        self.root = root
        self.files = {}
        self.own_includes = {}
        self.namespaces = {''}
        self.headers, self.nested = {}, {}
        defined = set()
        for path in sources(root, FOLDERS):
            name = path.relative_to(root).as_posix()
            text = path.read_text('utf-8')
            source = self.files[name] = Source(text)
            self.own_includes[name] = {
                found for _, include in includes(text)
                if (found := self.header_of(include))}
            for namespace, _, _, _ in source.declared:
                self.namespaces.update(namespace)
            defined |= source.macros | {
                word for _, word, _, complete in source.declared if complete}
            if path.suffix != '.h':
                continue
            for _, word, _, complete in source.declared:
                headers = self.headers.setdefault(word, {})
                headers[name] = headers.get(name, False) or complete
            for word in source.macros:
                self.headers.setdefault(word, {})[name] = True
            for pair in source.nested:
                self.nested.setdefault(pair, set()).add(name)
        # The rest is of others, and only announced.
        self.headers = {word: headers for word, headers in self.headers.items()
                        if word in defined}

    def header_of(self, include):
        """The path of a header of the project; None: it is another's."""
        for folder in INCLUDE_FOLDERS:
            path = pathlib.PurePosixPath(folder, include)
            if (self.root / path).is_file():
                return path.as_posix()
        return None

    def included(self, name):
        """All headers that a file includes, also through others."""
        seen, todo = set(), list(self.own_includes[name])
        while todo:
            header = todo.pop()
            if header not in seen and header in self.files:
                seen.add(header)
                todo += self.own_includes[header]
        return seen

    def members(self, source, included):
        """What a file can name as its own, where it defines members."""
        parts = [source, *(self.files[header] for header in included)]
        names, seen = set(), set()
        todo = source.entered | source.members.keys()
        while todo:
            seen |= todo
            bases = set()
            for part in parts:
                for of_class in todo:
                    names |= part.members.get(of_class, set())
                    bases |= part.bases.get(of_class, set())
            todo = bases - seen
        return names

    def problems(self, name):
        """Of a file: (place, name, headers that have it), each name once."""
        source, included = self.files[name], self.included(name)
        free = (source.macros | source.friends | local_names(source) |
                self.members(source, included))
        own = {place: (word, complete)
               for _, word, place, complete in source.declared}
        own_before = {}  # name → does the file define it before this place
        told = set()
        around = ['', '', *source.tokens, '']
        for at, token in enumerate(source.tokens):
            outer, before, _, after = around[at:at + 4]
            if at - 1 in own:
                word, complete = own[at - 1]
                own_before[word] = own_before.get(word, False) or complete
            # `using a::Name;` uses what it declares.
            if token in told or not is_word(token) or (
                    at in own and before != '::'):
                continue
            outer = outer if before == '::' else ''
            looked_into = after in ('::', '{', '(') or (
                name.endswith('.cc') and is_word(after))
            nested = (outer, token)
            if nested in self.nested:
                headers = self.nested[nested]
                if looked_into and nested not in source.nested and (
                        headers.isdisjoint(included)):
                    told.add(token)
                    yield at, '::'.join(nested), headers
            elif token in self.headers and token not in free and (
                    before not in ('.', '->') and self.may_be_ours(outer)):
                headers = self.headers[token]
                known = [defines for header, defines in headers.items()
                         if header in included]
                if token in own_before:
                    known.append(own_before[token])
                if not known or looked_into and not any(known):
                    told.add(token)
                    yield at, token, {header for header in headers
                                      if headers[header] or not looked_into}

    def may_be_ours(self, outer):
        """May a name be, after `outer` and ::? '' is none."""
        return outer != '>' and (not is_word(outer) or
                                 outer in self.namespaces)


def check(root):
    tree = Tree(root)
    return [f'{name}:{source.line(place)}: {word} is declared in '
            f'{" or ".join(sorted(headers)) or "another file"}, '
            'which is not included'
            for name, source in tree.files.items()
            for place, word, headers in tree.problems(name)]


def main() -> int:
    problems = check(pathlib.Path(sys.argv[1]).resolve())
    print('\n'.join(problems) or 'every name has its include')
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())
