"""What a browser calls itself, in words that its owner knows."""

BROWSERS = [
    *[("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("YaBrowser/", "Yandex Browser")],
    *[
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ],
]
SYSTEMS = [
    *[("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("CrOS", "ChromeOS")],
    *[("Macintosh", "macOS"), ("Linux", "Linux")],
]


def program_name(user_agent: str) -> str:
    """“Firefox · Linux”; what is unknown stays as it is. Most browsers claim to be others too: the order decides."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return " · ".join(filter(None, [browser, system])) if browser else user_agent
