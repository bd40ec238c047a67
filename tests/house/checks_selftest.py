"""The checks of the house find what they are for, and nothing else."""

import pathlib
import shutil
import tempfile
import unittest

import check_alone
import check_layers
import check_names
import check_words
import cpp_text
import header_example

CLANG = shutil.which('clang++-14')


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


@unittest.skipUnless(CLANG, 'clang++-14 not found')
class AloneTest(unittest.TestCase):

    def faults(self, text):
        with tree({'common.h': '#include <string>\n',
                   'src/a/a.h': 'struct A {\n  std::string name;\n};\n',
                   'src/a/a.cc': text}) as folder:
            root = pathlib.Path(folder)
            return check_alone.check(root, 'src', root / 'common.h', CLANG)

    def test_a_missing_include_is_found(self):
        self.assertRegex(self.faults('A a;\n')['src/a/a.cc'],
                         'unknown type name')

    def test_what_includes_what_it_needs_is_fine(self):
        self.assertEqual(self.faults('#include "src/a/a.h"\nA a;\n'), {})


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
