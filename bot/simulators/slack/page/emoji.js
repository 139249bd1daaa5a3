// Shortcodes that chat tools and alarms use, as Unicode.
const TABLE = {
  "+1": "👍", "-1": "👎", thumbsup: "👍", thumbsdown: "👎", eyes: "👀", white_check_mark: "✅", heavy_check_mark: "✔️", x: "❌",
  warning: "⚠️", rotating_light: "🚨", fire: "🔥", bell: "🔔", no_bell: "🔕", mag: "🔍", mag_right: "🔎", hourglass: "⌛",
  hourglass_flowing_sand: "⏳", stopwatch: "⏱️", alarm_clock: "⏰", clock1: "🕐", zap: "⚡", boom: "💥", bug: "🐛", wrench: "🔧",
  hammer: "🔨", hammer_and_wrench: "🛠️", gear: "⚙️", rocket: "🚀", tada: "🎉", bulb: "💡", memo: "📝", book: "📖", books: "📚",
  bookmark: "🔖", link: "🔗", lock: "🔒", unlock: "🔓", key: "🔑", shield: "🛡️", chart_with_upwards_trend: "📈",
  chart_with_downwards_trend: "📉", bar_chart: "📊", clipboard: "📋", pushpin: "📌", round_pushpin: "📍", package: "📦",
  file_folder: "📁", page_facing_up: "📄", inbox_tray: "📥", outbox_tray: "📤", email: "✉️", robot_face: "🤖", brain: "🧠",
  red_circle: "🔴", large_blue_circle: "🔵", large_green_circle: "🟢", green_circle: "🟢", large_yellow_circle: "🟡",
  large_orange_circle: "🟠", white_circle: "⚪", black_circle: "⚫", large_red_square: "🟥", large_green_square: "🟩",
  stop_sign: "🛑", octagonal_sign: "🛑", no_entry: "⛔", no_entry_sign: "🚫", construction: "🚧", question: "❓", grey_question: "❔",
  exclamation: "❗", heavy_exclamation_mark: "❗", information_source: "ℹ️", arrow_up: "⬆️", arrow_down: "⬇️", arrow_right: "➡️",
  arrows_counterclockwise: "🔄", repeat: "🔁", rewind: "⏪", fast_forward: "⏩", pause_button: "⏸️", double_vertical_bar: "⏸️",
  arrow_forward: "▶️", raised_hands: "🙌", clap: "👏", wave: "👋", pray: "🙏", muscle: "💪", point_right: "👉", thinking_face: "🤔",
  smile: "😄", slightly_smiling_face: "🙂", joy: "😂", sweat_smile: "😅", cry: "😢", scream: "😱", sunglasses: "😎", heart: "❤️",
  hearts: "♥️", star: "⭐", sparkles: "✨", 100: "💯", cloud: "☁️", aws: "☁️", dog: "🐶", cat: "🐱", pager: "📟", phone: "☎️",
  telephone_receiver: "📞", moneybag: "💰", dollar: "💵", money_with_wings: "💸", ambulance: "🚑", helmet_with_white_cross: "⛑️",
  test_tube: "🧪", microscope: "🔬", dna: "🧬", ballot_box_with_check: "☑️", heavy_plus_sign: "➕", heavy_minus_sign: "➖",
  arrow_heading_down: "⤵️", speech_balloon: "💬", mega: "📣", loudspeaker: "📢", calendar: "📅", date: "📅", seedling: "🌱",
};

/** The character of a shortcode, or `:code:` when it is not known. */
export const emoji = (code) => TABLE[code.split("::")[0]] || `:${code}:`;
export const known = (code) => code in TABLE;
