"""The checks of the house find what they are for, and nothing else."""

import pathlib
import tempfile
import unittest

import check_includes
import check_layers
import check_names
import check_words
import cpp_names
import cpp_text
import header_example


def tree(files):
    """A temporary source tree with these files: path → text."""
    folder = tempfile.TemporaryDirectory()
    for path, text in files.items():
        file = pathlib.Path(folder.name, path)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, 'utf-8')
    return folder


class CppTextTest(unittest.TestCase):

    def test_blanks_comments_and_literals_but_no_code(self):
        code = cpp_text.without_comments_and_text(
            'a = "throw"; // throw\n/* throw\n */ b = 1\'000; c = \'"\'; '
            'd = R"x(throw)x"; throw;')
        self.assertEqual(code.count('throw'), 1)
        self.assertIn("1'000", code)
        self.assertEqual(code.count('\n'), 2)

    def test_reads_both_kinds_of_include_and_none_in_comments(self):
        text = '#include <zlib.h>\n// #include "x.h"\n#  include "y.h"\n'
        self.assertEqual(list(cpp_text.includes(text)),
                         [(1, 'zlib.h'), (3, 'y.h')])


class CppNamesTest(unittest.TestCase):

    def test_finds_what_stands_in_namespaces(self):
        source = cpp_names.Source(
            '#define TWICE(x) \\\n  Sum(x, x)\n'
            'namespace a::b {\nclass Later;\n'
            'template <typename T>\nclass Box final : public Base<T> {\n'
            ' public:\n  Box() : x_{1}, y_(2) {}\n  int Get() const;\n'
            '  enum class Kind { kOne };\n private:\n  int x_ = 0, y_;\n};\n'
            'enum Bit : int { kLow = 1, kHigh };\n'
            'using List = std::vector<Box<int>>;\n'
            'constexpr Box<int> kBoxes[] = {{1}, {2}};\n'
            'extern int (*pointer)(int);\n'
            'namespace {\nstd::pair<int, Later*> Sum(int x, int y = 2) {\n'
            '  struct Inside {};\n  return {};\n}\n}  // namespace\n'
            'template <typename T>\nint Box<T>::Get() const { return 1; }\n'
            'template <>\nclass Box<void> {};\n'
            'const int kSum = Sum(1) + Box<int>{1}.Get();\n'
            'template <typename T>\n  requires requires(T t) { t.Get(); }\n'
            'void Take(T t);\n'
            'class Outer::Inner {};\n}  // namespace a::b\n')
        self.assertEqual([(namespace, name, complete) for
                          namespace, name, _, complete in source.declared],
                         [(('a', 'b'), 'Later', False),
                          (('a', 'b'), 'Box', True),
                          (('a', 'b'), 'Bit', True),
                          (('a', 'b'), 'kLow', True),
                          (('a', 'b'), 'kHigh', True),
                          (('a', 'b'), 'List', True),
                          (('a', 'b'), 'kBoxes', True),
                          (('a', 'b'), 'pointer', True),
                          (('a', 'b', ''), 'Sum', True),
                          (('a', 'b'), 'kSum', True),
                          (('a', 'b'), 'Take', True)])
        self.assertEqual(source.members['Box'],
                         {'Box', 'Get', 'Kind', 'x_', 'y_'})
        self.assertEqual(source.members['Kind'], {'kOne'})
        self.assertEqual(source.bases['Box'], {'Base'})
        self.assertEqual(source.entered, {'Box', 'Outer'})
        self.assertEqual(source.nested, {('Outer', 'Inner')})
        self.assertEqual(source.macros, {'TWICE'})
        self.assertEqual(source.tokens[-4:], ['Sum', '(', ',', ')'])


class IncludesTest(unittest.TestCase):

    HEADERS = {
        'src/a/a.h': 'namespace p {\nclass Engine;\nstruct A {\n  int Sum();\n'
                     '};\nenum Bit { kLow };\nint Count(const A& a);\n'
                     'constexpr int kMost = 1;\n#define TWICE(x) x x\n}\n',
        'include/p/engine.h': 'namespace p {\nclass Engine {\n public:\n'
                              '  class Impl;\n  int Run();\n};\n}\n',
        'src/a/impl.h': '#include "p/engine.h"\nnamespace p {\n'
                        'class Engine::Impl {\n};\n}\n',
        'src/a/base.h': 'struct Base {\n  int Count();\n};\n',
        'src/a/theirs.h': 'namespace CLI {\nclass App;\n}\n',
        'src/a/all.h': '#include "src/a/a.h"\n'}

    def problems(self, text, path='src/a/a.cc'):
        with tree({**self.HEADERS, path: text}) as root:
            return check_includes.check(pathlib.Path(root))

    def test_each_kind_of_name_is_found(self):
        for use in ['A a;', 'p::A* a;', 'int x = Count({});', 'f(kMost);',
                    'f(x | kLow);', 'TWICE(1)', 'std::vector<A> list;',
                    'void F() { return Count({}); }', 'const A& a = b;',
                    'PUBLIC_API A a;', 'f(x & kMost);', 'f(x > kMost == y);',
                    '#define MACRO kMost', 'using p::A;\nA a;']:
            with self.subTest(use):
                found = self.problems(f'\n{use}\n')
                self.assertEqual(len(found), 1, found)
                self.assertRegex(found[0], r'^src/a/a\.cc:2: \w+ is declared '
                                           r'in src/a/a\.h, which is not')

    def test_headers_are_looked_at_too(self):
        self.assertEqual(len(self.problems('A F();\n', 'tests/x.h')), 1)

    def test_what_an_include_declares_is_fine(self):
        text = 'p::A a;\nint x = kMost + kLow + Count(a);\nTWICE(;)\n'
        for include in ['src/a/a.h', 'src/a/all.h']:
            with self.subTest(include):
                self.assertEqual(
                    self.problems(f'#include "{include}"\n{text}'), [])

    def test_what_a_file_declares_itself_is_fine(self):
        for text in ['struct A {\n};\nA a;\n',
                     'template <typename A>\nvoid F(A* a) {\n  A b;\n}\n',
                     'template <typename... A>\nvoid F(const A&... a);\n',
                     'class B {\n  int Count(int);\n};\n'
                     'int B::Sum() { return Count(1); }\n',
                     'void F() {\n  constexpr int kMost = 2;\n  f(kMost);\n'
                     '  auto* A = &x;\n  g(A);\n}\n']:
            with self.subTest(text):
                self.assertEqual(self.problems(text), [])

    def test_what_a_file_declares_later_is_found(self):
        self.assertEqual(len(self.problems(
            'void F() { Count(1); }\nint Count(int x) { return x; }\n')), 1)

    def test_members_and_names_of_others_are_fine(self):
        self.assertEqual(self.problems(
            'int x = a.Count() + b->kMost + std::Count(1) + B::kLow;  // A\n'
            'auto y = C<int>::Count("A");\nD d = {.A = 1};\n'), [])
        self.assertEqual(self.problems(
            '#include "src/a/base.h"\nstruct B : Base {\n'
            '  friend class A;\n  int F() { return Count(); }\n};\n'), [])

    def test_a_type_that_is_looked_into_has_to_be_defined(self):
        begin = '#include "src/a/a.h"\nusing namespace p;\n'
        for use in ['Engine engine;', 'int x = Engine().Run();',
                    'int Engine::Run() { return 1; }']:
            with self.subTest(use):
                self.assertEqual(self.problems(begin + use), [
                    'src/a/a.cc:3: Engine is declared in include/p/engine.h, '
                    'which is not included'])
                self.assertEqual(self.problems(
                    '#include "p/engine.h"\n' + begin + use), [])
        self.assertEqual(self.problems(begin + 'void F(Engine* engine);'), [])
        self.assertEqual(self.problems(begin + 'Engine F(Engine engine);',
                                       'src/a/b.h'), [])

    def test_types_of_others_that_are_announced_are_theirs(self):
        self.assertEqual(self.problems(
            '#include "CLI/CLI.hpp"\n#include "src/a/theirs.h"\nCLI::App app;'
        ), [])

    def test_so_has_a_type_inside_another(self):
        begin = '#include "p/engine.h"\n'
        self.assertEqual(len(self.problems(
            begin + 'int Engine::Impl::Run() { return 1; }')), 1)
        self.assertEqual(self.problems(begin + 'Engine::Impl* impl;'), [])
        self.assertEqual(self.problems(
            '#include "src/a/impl.h"\nint Engine::Impl::Run() {}'), [])


class NamesTest(unittest.TestCase):

    def problems(self, files):
        with tree(files) as root:
            return check_names.check(pathlib.Path(root))

    def test_two_types_of_one_name_are_found(self):
        found = self.problems({
            'src/a/a.h': 'namespace x {\nstruct Rule {\n  int a;\n};\n'
                         '}  // namespace x\n',
            'src/b/b.h': 'namespace x {\nclass Rule : public Base {\n};\n'
                         '}  // namespace x\n'})
        self.assertEqual(found, [
            'src/a/a.h:2: x::Rule is also in src/b/b.h:2'])

    def test_what_is_a_files_own_or_only_declared_is_fine(self):
        self.assertEqual(self.problems({
            'src/a/a.cc': 'namespace x {\nnamespace {\nstruct Rule {\n};\n'
                          'int F() {\n}\n}  // namespace\n'
                          '}  // namespace x\n',
            'src/a/a.h': 'namespace x {\nstruct Rule;\nclass Engine {\n};\n'
                         '}  // namespace x\n',
            'src/a/b.cc': 'namespace x {\nclass Engine::Impl {\n};\n'
                          'template <typename T>\n'
                          'class Engine<T>::Part {\n};\n'
                          '}  // namespace x\n',
            'src/b/b.h': 'namespace x {\nstruct Rule {\n};\n'
                         '}  // namespace x\nnamespace y {\n'
                         'struct Rule {\n};\n}  // namespace y\n'}), [])


class LayersTest(unittest.TestCase):

    def problems(self, path, text):
        with tree({path: text}) as root:
            return check_layers.check(pathlib.Path(root))

    def test_an_include_of_a_module_below_is_fine(self):
        self.assertEqual(self.problems(
            'src/engine/engine.cc',
            '#include "cckpi/engine/engine.h"\n#include "cckpi/base/time.h"\n'
            '#include "src/timeline/machine.h"\n'
            '#include "absl/time/time.h"\n'), [])

    def test_an_include_of_a_module_above_is_found(self):
        self.assertIn('kpi does not stand below timeline', self.problems(
            'src/timeline/machine.cc', '#include "cckpi/kpi/config.h"\n')[0])

    def test_an_include_of_a_module_beside_is_found(self):
        self.assertIn('stats does not stand below event', self.problems(
            'include/cckpi/event/event.h', '#include "cckpi/stats/x.h"\n')[0])

    def test_a_private_header_in_a_public_one_is_found(self):
        self.assertIn('private header', self.problems(
            'include/cckpi/kpi/config.h', '#include "src/kpi/names.h"\n')[0])

    def test_a_third_party_library_out_of_its_module_is_found(self):
        self.assertIn("only for ['io']", self.problems(
            'src/engine/engine.cc', '#include <simdjson.h>\n')[0])

    def test_an_unknown_module_is_found(self):
        self.assertIn('no module of the layer table', self.problems(
            'src/extra/x.cc', '')[0])


class WordsTest(unittest.TestCase):

    def problems(self, path, text):
        with tree({path: text}) as root:
            return check_words.check(pathlib.Path(root))

    def test_each_word_is_found_where_it_may_not_be(self):
        for text in ['absl::string_view s;', 'std::cout << 1;', 'throw 1;',
                     'std::abort();', 'getenv("TZ");', 'absl::Now();',
                     'std::chrono::system_clock::now();',
                     'absl::LocalTimeZone();', 'thread_local int x;',
                     'try {', 'CHECK(x);', '#include <iostream>',
                     '__builtin_prefetch(x);']:
            with self.subTest(text):
                self.assertEqual(len(self.problems('src/kpi/x.cc', text)), 1)

    def test_comments_text_and_other_places_are_free(self):
        self.assertEqual(self.problems(
            'src/kpi/x.cc', '// throw\nx = "abort()";\nSetupTime(1);'), [])
        self.assertEqual(self.problems('cli/main.cc', 'std::cout << 1;'), [])
        self.assertEqual(self.problems('capi/guard.cc', 'catch (...) {'), [])
        self.assertEqual(self.problems(check_words.PREFETCH,
                                       '__builtin_prefetch(x);'), [])


class HeaderExampleTest(unittest.TestCase):

    HEADER = ('// Words.\n'
              '//\n'
              '//   Zone zone;\n'
              '//\n'
              '//   zone.Use();\n'
              '//\n'
              '// See cckpi/calendar/zone.h; this file defines\n'
              '//   * a thing;\n'
              '//   * another.\n'
              '\n'
              '//   not.this();\n')

    def test_takes_code_and_leaves_lists(self):
        self.assertEqual(header_example.examples(self.HEADER),
                         ['Zone zone;\n\nzone.Use();'])

    def test_statements_become_a_function_after_the_named_headers(self):
        source = header_example.source_of(self.HEADER, 'cckpi/base/x.h')
        self.assertTrue(source.startswith('#include "cckpi/base/x.h"\n'))
        self.assertIn('#include "cckpi/calendar/zone.h"\n', source)
        self.assertIn('absl::Status Example() {\n  Zone zone;\n', source)

    def test_definitions_stand_at_file_scope(self):
        source = header_example.source_of(
            '//   int Twice(int x) {\n//     return 2 * x;\n//   }\n', 'x.h')
        self.assertIn('{\n\nint Twice(int x) {\n', source)
        self.assertNotIn('Example()', source)

    def test_json_is_parsed_and_code_may_follow_it(self):
        header = '//   {"a":\n//     [1]}\n//\n//   Use();\n'
        self.assertEqual(header_example.examples(header),
                         ['{"a":\n  [1]}', 'Use();'])
        with self.assertRaises(ValueError):
            header_example.source_of('//   {"a": 1,}\n', 'x.h')


if __name__ == '__main__':
    unittest.main()
