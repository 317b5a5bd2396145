// Sends the one form of the page without a press of the button; runs in the browser.
document.forms[0]?.submit();
