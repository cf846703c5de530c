//! What all commands have in common.

mod program;

use program::{check_error, command, ok, run};

const COMMANDS: [&str; 13] = [
    "serve",
    "register",
    "query",
    "subscribe",
    "bench",
    "inspect",
    "decode",
    "encode",
    "match",
    "validate",
    "check-conf",
    "schema",
    "completions",
];

#[test]
fn help_has_examples_and_exit_codes() {
    let help = ok(run(&["--help"]));
    assert!(help.contains("Exit codes:"));
    assert!(help.contains("[possible values: auto, always, never]"), "{help}");
    for command in COMMANDS {
        assert!(help.contains(&format!("\n  {command} ")), "{command}");
        let help = ok(run(&[command, "--help"]));
        assert!(help.contains("Examples:") && help.contains(&format!("hat-event {command}")), "{help}");
        assert!(command == "completions" || help.contains("Exit codes:"), "{help}");
    }
}

#[test]
fn wrong_usage_is_exit_code_2() {
    check_error(run(&["inspekt"]), "inspect");
    check_error(run(&["inspect", "--no-such-option", "x"]), "--no-such-option");
    assert_eq!(run(&[]).code, 2);
    check_error(run(&["inspect", "--color", "sometimes", "x"]), "'sometimes'");
}

#[test]
fn colours_are_for_terminals_unless_wanted() {
    let coloured = |args: &[&str], no_color: bool| {
        let mut command = command(&[&["inspect", "conn-01/s2c.bin"], args].concat());
        if no_color {
            command.env("NO_COLOR", "1");
        }
        let out = command.output().unwrap().stdout;
        assert!(!out.is_empty());
        out.contains(&0x1B)
    };
    assert!(!coloured(&[], false));
    assert!(!coloured(&["--color", "auto"], false));
    assert!(!coloured(&["--color", "never"], false));
    assert!(coloured(&["--color", "always"], false));
    assert!(coloured(&["--color=always"], true));
}

#[test]
fn completions_are_scripts() {
    for (shell, part) in [("bash", "_hat__event()"), ("zsh", "#compdef hat-event"), ("fish", "complete -c hat-event")] {
        let script = ok(run(&["completions", shell]));
        assert!(script.contains(part) && script.contains("inspect"), "{shell}");
    }
    check_error(run(&["completions", "dos"]), "'dos'");
}

#[cfg(target_os = "linux")]
#[test]
fn output_that_cannot_be_written_is_an_error() {
    for args in [&["inspect", "conn-01/s2c.bin"][..], &["schema"], &["completions", "bash"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = command(args).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(output.stderr.starts_with(b"error: standard output: "), "{output:?}");
    }
}
