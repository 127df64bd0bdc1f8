"""The page in a real browser: it answers to mouse and keyboard, asks for nothing, and reads well in the dark and on paper."""

import base64
import json
import shutil
from pathlib import Path

import pytest
from tests.report.folder import SCRIPT, lab_folder, run_folder

from layerwise.jobs.report import report

pytestmark = pytest.mark.browser
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--window-size=1200,1600",
)  # fmt: skip


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    """Headless Chromium with a profile of its own. A missing browser is an error: whoever asks for these tests wants them run."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    browser, control = shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")
    if browser is None or control is None:
        raise RuntimeError("the browser tests need Chromium and its driver: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(control))
    yield driver
    driver.quit()


@pytest.fixture
def shown(driver):
    """Open the report of some folders; afterwards nothing may have been complained of, or asked for."""

    def show(*folders):
        path = report(folders, output=Path(folders[0]).parent / "shown.html").path
        driver.get_log("performance")
        driver.get(path.resolve().as_uri())
        return driver

    yield show
    assert driver.get_log("browser") == []
    events = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    asked = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
    assert asked
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})


def one(driver, selector, within=None):
    from selenium.webdriver.common.by import By

    return (within or driver).find_element(By.CSS_SELECTOR, selector)


def every(driver, selector):
    from selenium.webdriver.common.by import By

    return driver.find_elements(By.CSS_SELECTOR, selector)


def press(driver, *keys):
    from selenium.webdriver.common.action_chains import ActionChains

    ActionChains(driver).send_keys(*keys).perform()


def point_at(driver, element):
    from selenium.webdriver.common.action_chains import ActionChains

    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", element)
    ActionChains(driver).move_to_element(element).perform()
    return ActionChains(driver)


def test_hovering_over_a_curve_tells_its_figures(shown, tmp_path):
    driver = shown(run_folder(tmp_path))
    chart = every(driver, "figure.chart")[1]
    point_at(driver, one(driver, "svg.plot circle", chart))
    tip = one(driver, ".tip", chart).text
    assert tip.startswith(("training: epoch 0, ", "validation: epoch 0, "))
    point_at(driver, one(driver, "h1"))
    assert one(driver, ".tip", chart).text == ""


def test_hovering_shows_a_setting_and_a_click_its_curves(shown, tmp_path):
    driver = shown(run_folder(tmp_path, "sweep"))
    dot = one(driver, 'circle.dot[data-trial="4"]')
    point_at(driver, dot).click().perform()
    assert one(driver, ".sweep > .chart .tip").text.startswith("lr = 1, reg = 0: accuracy ")
    fits = one(driver, "[data-fits]")
    assert fits.text.startswith("lr = 1, reg = 0: accuracy ")
    assert len(every(driver, "[data-fits] svg.plot")) == 2
    assert one(driver, "tr.shown button").get_attribute("data-trial") == "4"
    one(driver, 'button[data-trial="1"]').click()
    assert fits.text.startswith("lr = 0.01, reg = 0.1: accuracy ")
    assert every(driver, "circle.chosen")


def test_another_setting_can_be_put_on_an_axis(shown, tmp_path):
    driver = shown(run_folder(tmp_path, "sweep"))
    across, up = every(driver, ".controls select")
    assert (across.get_attribute("value"), up.get_attribute("value")) == ("lr", "reg")
    press_on = [option for option in up.find_elements("tag name", "option") if option.text == "validation accuracy"]
    press_on[0].click()
    assert [text.text for text in every(driver, ".sweep svg.plot > text:not(.tick)")] == ["lr", "validation accuracy"]
    assert len(every(driver, "circle.dot")) == 6


def test_all_of_it_can_be_done_with_the_keyboard(shown, tmp_path):
    from selenium.webdriver.common.keys import Keys

    driver = shown(run_folder(tmp_path, "sweep"))
    for _ in range(20):
        press(driver, Keys.TAB)
        if driver.switch_to.active_element.tag_name == "svg":
            break
    tip = one(driver, ".sweep > .chart .tip")
    assert tip.text.startswith("lr = 0.01, reg = 0.1")  # the first in the upper row
    press(driver, Keys.ARROW_RIGHT)
    assert tip.text.startswith("lr = 0.1, reg = 0.1")
    press(driver, Keys.ARROW_DOWN)
    assert tip.text.startswith("lr = 0.1, reg = 0:")
    press(driver, Keys.END, Keys.ENTER)
    assert one(driver, "[data-fits]").text.startswith("lr = 1, reg = 0:")
    assert driver.switch_to.active_element.tag_name == "svg"  # and goes on from there
    press(driver, Keys.ARROW_LEFT)
    assert one(driver, ".sweep > .chart .tip").text.startswith("lr = 0.1, reg = 0:")
    press(driver, Keys.ESCAPE)
    assert one(driver, ".sweep > .chart .tip").text == ""


def test_a_name_that_is_a_script_is_shown_as_text(shown, tmp_path):
    run = run_folder(tmp_path, "sweep").rename(tmp_path / "<script>")
    trials = (run / "trials.jsonl").read_text().replace('"reg"', json.dumps(SCRIPT))
    (run / "trials.jsonl").write_text(trials)
    driver = shown(run)
    assert one(driver, "h1").text == "<script>"
    assert driver.title == "<script>"
    point_at(driver, one(driver, "circle.dot"))
    assert SCRIPT in one(driver, ".sweep > .chart .tip").text


def test_a_picture_with_a_script_in_it_and_a_labs_texts_run_nothing(shown, tmp_path):
    driver = shown(lab_folder(tmp_path))
    assert driver.title == "QUICK: A tiny lab"
    assert one(driver, ".quick").is_displayed()
    assert SCRIPT in one(driver, "tbody th", one(driver, "section")).text
    assert driver.execute_script("return document.querySelector('.pictures img').naturalWidth") > 0
    one(driver, "details.run summary").click()
    chart = one(driver, "details.run[open] figure.chart")
    point_at(driver, one(driver, "svg.plot circle", chart))
    assert "step " in one(driver, ".tip", chart).text


def test_several_runs_are_on_the_same_axes(shown, tmp_path):
    driver = shown(run_folder(tmp_path), run_folder(tmp_path, "softmax"))
    legend = one(driver, "main > .charts .legend")
    assert legend.text.split() == ["train", "softmax"]
    assert len(every(driver, "main > .charts > figure")) == 3


def brightness(driver, selector, style):
    colour = driver.execute_script("return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]", selector, style)
    return sum(map(int, colour[colour.index("(") + 1 : -1].split(",")[:3])) / 3


@pytest.mark.parametrize("kind", ["train", "sweep"])
def test_in_the_dark_paper_is_dark_and_letters_are_light(shown, driver, tmp_path, kind):
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
    shown(run_folder(tmp_path, kind))
    assert brightness(driver, "body", "backgroundColor") < 50
    for selector, style in (
        ("body", "color"),
        (".chart text:not(.tick)", "fill"),
        ("caption", "color"),
        (".facts dt", "color"),
        ("pre", "color"),
    ):
        assert brightness(driver, selector, style) > 140
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "light"}]})
    assert brightness(driver, "body", "backgroundColor") > 240
    assert brightness(driver, ".chart text:not(.tick)", "fill") < 80


def test_it_prints_with_its_charts_and_with_closed_parts_opened(shown, driver, tmp_path):
    shown(lab_folder(tmp_path))
    assert not every(driver, "details.run[open]")
    printed = driver.execute_cdp_cmd("Page.printToPDF", {"printBackground": False})
    pdf = base64.b64decode(printed["data"])
    assert pdf.startswith(b"%PDF")
    assert len(every(driver, "details.run[open]")) == 2
    driver.execute_cdp_cmd(
        "Emulation.setEmulatedMedia", {"media": "print", "features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    )
    assert brightness(driver, "body", "backgroundColor") == 255
    assert brightness(driver, ".chart text:not(.tick)", "fill") == 0
    assert driver.execute_script("return document.documentElement.scrollWidth <= document.documentElement.clientWidth")


@pytest.mark.parametrize("width", [380, 1200])
def test_nothing_runs_over_the_edge_of_a_phone_or_a_desk(shown, driver, tmp_path, width):
    size = driver.get_window_size()
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False})
    shown(run_folder(tmp_path), run_folder(tmp_path, "sweep"))
    assert driver.execute_script("return document.documentElement.scrollWidth") <= width
    driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    driver.set_window_size(size["width"], size["height"])
