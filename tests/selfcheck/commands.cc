#include <algorithm>
#include <array>
#include <cctype>
#include <regex>

#include "documents.h"

namespace sightline::selfcheck {
namespace {

constexpr std::array kOurPrograms = {"sightline", "sightlined", "sightline-replay", "sightline-agent"};
constexpr std::string_view kSeparators[] = {"|", "||", "&&", ";", "&"};

struct CommandLine {
  std::string text;
  std::size_t line;  // where it begins
};

// The command lines of a document's shell blocks, continued lines joined.
std::vector<CommandLine> command_lines(std::string_view text) {
  std::vector<CommandLine> commands;
  std::string block;  // language of the block we are in
  bool fenced = false;
  bool continued = false;
  std::size_t number = 0;
  for (const std::string_view raw : lines_of(text)) {
    ++number;
    std::string line(raw.substr(std::min(raw.find_first_not_of(' '), raw.size())));
    if (line.starts_with("```")) {
      fenced = !fenced;
      block = fenced ? line.substr(3) : "";
      continued = false;
      continue;
    }
    const bool is_shell = block == "sh" || block == "bash" || block == "shell" || block == "console";
    if (!is_shell) continue;
    const bool prompted = line.starts_with("$ ");
    if (block == "console" && !prompted && !continued) continue;
    if (prompted) line.erase(0, 2);
    const bool goes_on = line.ends_with('\\');
    if (goes_on) line.pop_back();
    if (continued) {
      commands.back().text += " " + line;
    } else {
      commands.push_back({line, number});
    }
    continued = goes_on;
  }
  return commands;
}

bool is_separator(const std::string& word) { return std::ranges::find(kSeparators, word) != std::end(kSeparators); }

std::string program_of(const std::string& word) { return word.substr(word.rfind('/') + 1); }

// A word of the help text, not a part of one.
bool mentions(const std::string& help, const std::string& option) {
  for (std::size_t at = help.find(option); at != std::string::npos; at = help.find(option, at + 1)) {
    const char next = at + option.size() < help.size() ? help[at + option.size()] : ' ';
    const char before = at == 0 ? ' ' : help[at - 1];
    const auto is_part = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
    };
    if (!is_part(next) && !is_part(before)) return true;
  }
  return false;
}

// Whether the help lists `word` as a command; nullopt where it lists no commands at all.
std::optional<bool> lists_command(const std::string& help, const std::string& word) {
  static const std::regex kHeading(R"(^(Subcommands|Commands):)", std::regex::multiline);
  std::smatch heading;
  if (!std::regex_search(help, heading, kHeading)) return std::nullopt;
  for (const std::string_view line :
       lines_of(std::string_view(help).substr(static_cast<std::size_t>(heading.position())))) {
    const std::string indented = "  " + word;
    if (line.starts_with(indented) && (line.size() == indented.size() || line[indented.size()] == ' ')) return true;
  }
  return false;
}

// Words of one command of ours, the program's name first.
std::optional<std::string> problem_of(const std::vector<std::string>& words, const HelpText& help) {
  std::vector<std::string> path = {program_of(words.front())};
  std::optional<std::string> text = help(path);
  if (!text) return "there is no program " + path.front();
  std::size_t at = 1;
  for (; at < words.size() && !words[at].starts_with('-'); ++at) {
    const std::optional<bool> listed = lists_command(*text, words[at]);
    if (!listed) break;
    if (!*listed) return path.back() + " has no command " + words[at];
    path.push_back(words[at]);
    text = help(path);
    if (!text) return path.back() + " has no help";
  }
  for (; at < words.size(); ++at) {
    if (!words[at].starts_with("--") || words[at] == "--") continue;
    const std::string option = words[at].substr(0, words[at].find('='));
    if (!mentions(*text, option)) return path.back() + " has no option " + option;
  }
  return std::nullopt;
}

std::optional<std::string> script_problem(const Tree& tree, const std::vector<std::string>& words) {
  const bool ours = words.front().starts_with("./") || words.front().starts_with("scripts/");
  if (!ours || words.front().starts_with("./build/")) return std::nullopt;
  const std::string path = words.front().starts_with("./") ? words.front().substr(2) : words.front();
  const auto script = tree.files.find(path);
  if (script == tree.files.end()) return "there is no " + words.front();
  for (const std::string& word : words) {
    if (word.starts_with("--") && !mentions(script->second, word.substr(0, word.find('=')))) {
      return words.front() + " has no option " + word;
    }
  }
  return std::nullopt;
}

// Drops `NAME=value` before a command, and words that run another.
void drop_prefixes(std::vector<std::string>& words) {
  static const std::regex kAssignment(R"(^[A-Za-z_]\w*=.*)");
  while (!words.empty() &&
         (words.front() == "sudo" || words.front() == "time" || std::regex_match(words.front(), kAssignment))) {
    words.erase(words.begin());
  }
}

}  // namespace

std::vector<std::string> shell_words(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = 0;
  const auto end_word = [&] {
    if (in_word) words.push_back(word);
    word.clear();
    in_word = false;
  };
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote != 0) {
      if (c == quote) {
        quote = 0;
      } else if (c == '\\' && quote == '"' && i + 1 < line.size()) {
        word += line[++i];
      } else {
        word += c;
      }
    } else if (c == '\'' || c == '"') {
      quote = c;
      in_word = true;
    } else if (c == '\\' && i + 1 < line.size()) {
      word += line[++i];
      in_word = true;
    } else if (c == ' ' || c == '\t') {
      end_word();
    } else if (c == '#' && !in_word) {
      break;
    } else if (std::string_view("|&;<>()").find(c) != std::string_view::npos) {
      end_word();
      const bool twice = i + 1 < line.size() && line[i + 1] == c;
      words.emplace_back(twice ? 2 : 1, c);
      i += twice ? 1 : 0;
    } else {
      word += c;
      in_word = true;
    }
  }
  end_word();
  return words;
}

std::vector<Finding> check_commands(const Tree& tree, const std::vector<std::string>& programs, const HelpText& help) {
  std::vector<Finding> findings;
  for (const auto& [path, text] : tree.files) {
    if (!path.ends_with(".md")) continue;
    for (const CommandLine& command : command_lines(text)) {
      std::vector<std::string> words = shell_words(command.text);
      while (!words.empty()) {
        const auto end = std::ranges::find_if(words, is_separator);
        std::vector<std::string> one(words.begin(), end);
        words.erase(words.begin(), end == words.end() ? end : end + 1);
        drop_prefixes(one);
        if (one.empty()) continue;
        const std::string program = program_of(one.front());
        std::optional<std::string> problem;
        if (std::ranges::find(kOurPrograms, program) == kOurPrograms.end()) {
          problem = script_problem(tree, one);
        } else if (std::ranges::find(programs, program) != programs.end()) {
          problem = problem_of(one, help);
        }
        if (problem) findings.push_back({path, command.line, *problem});
      }
    }
  }
  return findings;
}

}  // namespace sightline::selfcheck
